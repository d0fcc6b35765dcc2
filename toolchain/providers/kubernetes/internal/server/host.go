package server

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Host is the engine's log. Without an engine (in tests) it keeps nothing.
type Host struct {
	engine   pulumirpc.EngineClient
	redactor *object.Redactor

	mu     sync.Mutex
	warned map[string]bool
}

// Connect dials the engine.
func (h *Host) Connect(address string) error {
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return fmt.Errorf("the engine at %s cannot be dialled: %w", address, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.engine = pulumirpc.NewEngineClient(conn)
	return nil
}

// Status shows a line beside the resource while it is worked on.
func (h *Host) Status(ctx context.Context, urn, text string) {
	h.log(ctx, pulumirpc.LogSeverity_INFO, urn, text, true)
}

// Warn shows a warning once for each resource.
func (h *Host) Warn(ctx context.Context, urn, text string) {
	h.mu.Lock()
	if h.warned == nil {
		h.warned = map[string]bool{}
	}
	key := urn + "\x00" + text
	told := h.warned[key]
	h.warned[key] = true
	h.mu.Unlock()
	if !told {
		h.log(ctx, pulumirpc.LogSeverity_WARNING, urn, text, false)
	}
}

func (h *Host) log(
	ctx context.Context, severity pulumirpc.LogSeverity, urn, text string, ephemeral bool,
) {
	h.mu.Lock()
	engine := h.engine
	h.mu.Unlock()
	if engine == nil {
		return
	}
	// A line that cannot be shown (the engine is going down) must not fail the operation it is about.
	_, _ = engine.Log(context.WithoutCancel(ctx), &pulumirpc.LogRequest{
		Severity: severity, Urn: urn, Ephemeral: ephemeral,
		Message: strings.ToValidUTF8(h.redactor.Redact(text), "\uFFFD"),
	})
}

type urnKey struct{}

// withURN lets warnings of the API server find the resource whose request they answer.
func withURN(ctx context.Context, urn string) context.Context {
	return context.WithValue(ctx, urnKey{}, urn)
}

func urnOf(ctx context.Context) string {
	urn, _ := ctx.Value(urnKey{}).(string)
	return urn
}
