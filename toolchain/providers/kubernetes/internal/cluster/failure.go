package cluster

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
)

// UnreachableError says that the API server did not answer at all.
type UnreachableError struct {
	Target Target
	Cause  error
}

func (e *UnreachableError) Error() string {
	remedy := fmt.Sprintf("Start it, or set kubernetes:context (and kubernetes:kubeconfig) to one that answers "+
		"`kubectl --context %s get --raw /readyz`", e.Target.Context)
	if e.Target.GivenAsText {
		remedy = "See whether the cluster still exists, its name resolves, and it lets this machine's address in"
	}
	return fmt.Sprintf("the cluster of context %q at %s cannot be reached: %v. %s",
		e.Target.Context, e.Target.Server, e.Cause, remedy)
}

func (e *UnreachableError) Unwrap() error { return e.Cause }

// CredentialsError says that the kubeconfig's command gave no credentials, so that nothing was sent.
// Whether the cluster would answer is not known.
type CredentialsError struct {
	Target Target
	Cause  error
}

func (e *CredentialsError) Error() string {
	return fmt.Sprintf("no credentials for the cluster of context %q at %s: %v. Run the command that the "+
		"kubeconfig names yourself to see what it lacks (a login, a profile, its place on PATH)",
		e.Target.Context, e.Target.Server, e.Cause)
}

func (e *CredentialsError) Unwrap() error { return e.Cause }

// credentialsMark begins what client-go says of a command that failed; it has no type of its own.
const credentialsMark = "getting credentials: "

// explain turns a request that was never answered into an UnreachableError or a CredentialsError, and
// leaves the API server's answers.
func (c *Client) explain(err error) error {
	if err == nil {
		return nil
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) || meta.IsNoMatchError(err) {
		return err
	}
	if _, cause, ok := strings.Cut(err.Error(), credentialsMark); ok {
		return &CredentialsError{Target: c.Target, Cause: errors.New(cause)}
	}
	// The address of the one request is left out: the cause is the same for all of them.
	var address *url.Error
	if errors.As(err, &address) {
		return &UnreachableError{Target: c.Target, Cause: address.Err}
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return &UnreachableError{Target: c.Target, Cause: network}
	}
	return err
}

// Explain is explain for the callers that use the dynamic client themselves.
func (c *Client) Explain(err error) error { return c.explain(err) }

// IsUnreachable tells whether the error means that no API server answered.
func IsUnreachable(err error) bool {
	var unreachable *UnreachableError
	return errors.As(err, &unreachable)
}

// IsUnasked tells whether the error means that no question got as far as an answer: the cluster is
// unreachable, or there were no credentials to ask with.
func IsUnasked(err error) bool {
	var missing *CredentialsError
	return IsUnreachable(err) || errors.As(err, &missing)
}
