// Replaces the provider for Amazon's container service in pkg/provider/ecs, and with it the client of
// EC2: one package of which takes a minute to compile. The platform's gateway reads its routes
// from Kubernetes, and says so if it is asked for another source that it does not have.

package ecs

import (
	"errors"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/safe"
)

var errAbsent = errors.New("got a configuration for the ECS provider, but this build of the gateway " +
	"has none: use the Kubernetes provider, or the official build")

// Provider has no settings: any that is given is an unknown one.
type Provider struct{}

// Init refuses.
func (p *Provider) Init() error {
	return errAbsent
}

// Provide refuses.
func (p *Provider) Provide(chan<- dynamic.Message, *safe.Pool) error {
	return errAbsent
}
