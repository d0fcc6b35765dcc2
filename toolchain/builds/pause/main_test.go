package main

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

const patience = 30 * time.Second

func TestEveryEndedChildIsBuriedAndItStays(t *testing.T) {
	for _, children := range []int{1, 5} {
		left := holding()
		for _, pid := range start(t, children) {
			for end := time.Now().Add(patience); !gone(pid); time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("child %d of %d is still there after %s", pid, children, patience)
				}
			}
		}
		select {
		case <-left:
			t.Error("it left when a child ended, wanted it to stay")
		default:
		}
		leave(t, left, syscall.SIGTERM)
	}
}

func TestItLeavesWhenToldTo(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			leave(t, holding(), signal)
		})
	}
}

// holding runs the program's work; the channel is closed when that returns.
func holding() <-chan struct{} {
	signals := subscribe()
	left := make(chan struct{})
	go func() {
		hold(signals)
		close(left)
	}()
	return left
}

// start starts children past os/exec, which would wait for them itself.
func start(t *testing.T, count int) []int {
	t.Helper()
	var pids []int
	for range count {
		pid, err := syscall.ForkExec("/bin/true", []string{"true"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// gone tells a buried child from one that has ended only: that one still has its number.
func gone(pid int) bool {
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func leave(t *testing.T, left <-chan struct{}, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
		t.Fatal(err)
	}
	select {
	case <-left:
	case <-time.After(patience):
		t.Fatalf("still there %s after %s", patience, signal)
	}
}
