// Command pulumi-resource-kubernetes is a Pulumi resource provider for Kubernetes over server-side
// apply. The engine starts it with its own address as the argument, and reads the port from its output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/grpclog"
	"k8s.io/klog/v2"

	"agent-platform/toolchain/providers/kubernetes/internal/server"
)

const engineCheck = 5 * time.Minute

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-kubernetes:", err)
		os.Exit(1)
	}
}

func run() error {
	// The engine passes these to every plugin.
	flag.String("tracing", "", "address of a tracing collector; accepted, not used")
	flag.Parse()
	// Both libraries log by themselves; the first line on standard output has to be the port.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, os.Stderr))
	klog.SetLogger(klog.Logger{})
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	provider := server.New()
	switch flag.NArg() {
	case 0:
		// The engine attaches to a provider that runs already.
	case 1:
		if err := provider.Host.Connect(flag.Arg(0)); err != nil {
			return err
		}
		if err := rpcutil.Healthcheck(ctx, flag.Arg(0), engineCheck, stop); err != nil {
			return fmt.Errorf("the engine at %s cannot be watched: %w", flag.Arg(0), err)
		}
	default:
		return errors.New("at most one argument is taken, the engine's address")
	}
	return serve(ctx, provider)
}

// serve answers until the engine or a signal ends it; waits under way end at once and give back what
// they have.
func serve(ctx context.Context, provider *server.Server) error {
	cancel := make(chan bool)
	context.AfterFunc(ctx, func() {
		provider.Stop()
		close(cancel)
	})
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(s, provider)
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port)
	return <-handle.Done
}
