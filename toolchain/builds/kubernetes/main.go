// Command kubernetes is every Kubernetes program the cluster needs in one binary: the name it is
// called by says which one runs. Linked together they share almost all of their code, so the build
// is a third of six builds, on disk and in time.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata" // time zones of CronJobs, wherever the machine has none

	"github.com/spf13/cobra"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // credentials of every kubeconfig
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"          // --logging-format=json
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // metrics of the API client
	_ "k8s.io/component-base/metrics/prometheus/version"  // kubernetes_build_info
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// A command is built only when it runs: building registers flags and metrics for the whole process.
var programs = map[string]func(){
	"kube-apiserver": serve(func() *cobra.Command { return apiserver.NewAPIServerCommand() }),
	"kube-controller-manager": serve(func() *cobra.Command {
		return controllers.NewControllerManagerCommand()
	}),
	"kube-scheduler": serve(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
	"kube-proxy":     serve(func() *cobra.Command { return proxy.NewProxyCommand() }),
	"kubelet": serve(func() *cobra.Command {
		return kubelet.NewKubeletCommand(context.Background())
	}),
	"kubectl": func() {
		// Before the command is built, because building it logs already. A bad level is reported
		// by the command's own parsing.
		_, _ = logs.GlogSetter(kubectl.GetLogVerbosity(os.Args))
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			util.CheckErr(err)
		}
	},
}

func serve(build func() *cobra.Command) func() {
	return func() { os.Exit(cli.Run(build())) }
}

func main() {
	name := filepath.Base(os.Args[0])
	run, known := programs[name]
	if !known && len(os.Args) > 1 {
		// kubernetes kubectl get pods: without a symlink.
		if run, known = programs[os.Args[1]]; known {
			os.Args = os.Args[1:]
		}
	}
	if !known {
		names := slices.Sorted(maps.Keys(programs))
		fmt.Fprintf(os.Stderr, "got the name %q, wanted one of %s: call it by a symlink of that name, "+
			"or give the name as the first argument\n", name, strings.Join(names, ", "))
		os.Exit(2)
	}
	run()
}
