// Replaces the file of the same name in pkg/datapath/linux/modules. That one stops the agent where
// /proc/modules is missing; a kernel built without loadable modules has none, and all that Cilium
// needs may well be built in. So a missing file is an empty list here.

package modules

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const loadedList = "/proc/modules"

// builtinLists are where distributions put the names of what is linked into the kernel.
var builtinLists = []string{
	"/lib/modules/%/modules.builtin",
	"/usr/lib/modules/%/modules.builtin",
	"/usr/lib/debug/lib/modules/%/modules.builtin",
}

func moduleLoader() string {
	return "modprobe"
}

// listModules names the kernel's modules, loaded ones first, then those that are built in.
func listModules() ([]string, error) {
	loaded, err := lines(loadedList)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, line := range loaded {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}

	var system unix.Utsname
	if err := unix.Uname(&system); err != nil {
		return nil, err
	}
	release := unix.ByteSliceToString(system.Release[:])
	for _, pattern := range builtinLists {
		builtin, err := lines(strings.Replace(pattern, "%", release, 1))
		if err != nil {
			return nil, err
		}
		for _, path := range builtin {
			file := filepath.Base(path)
			names = append(names, strings.TrimSuffix(file, filepath.Ext(file)))
		}
		if len(builtin) > 0 {
			break
		}
	}
	return names, nil
}

// lines are the lines of a file that are not empty; a file that does not exist has none.
func lines(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }), nil
}
