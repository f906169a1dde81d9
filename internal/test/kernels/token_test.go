package kernels

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// TestToken loads with a token in a user namespace, whose capabilities do not count
// outside: root outside has delegated rights to a BPF file system of that namespace.
// Kernels support it from 6.9 on.
func TestToken(t *testing.T) {
	testkit.NeedLibbpf(t, "BPF tokens")
	needRoot(t)
	if !testkit.KernelHas(t, 6, 9) {
		record("BPF token", "no")
		return
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	must(t, err)
	ours, theirs := pair[0], os.NewFile(uintptr(pair[1]), "socket")
	defer unix.Close(ours)
	cmd := command(t, "load with token")
	cmd.ExtraFiles = []*os.File{theirs} // 3 in the child
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: nobody, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: nobody, Size: 1}},
		Credential:  &syscall.Credential{Uid: 0, Gid: 0, NoSetGroups: true},
	}
	done := make(chan error, 1)
	var out []byte
	go func() {
		var err error
		out, err = cmd.CombinedOutput()
		theirs.Close() // so that we do not wait for a child that is gone
		done <- err
	}()
	delegated := delegateAll(ours)
	if err := <-done; err != nil || delegated != nil {
		t.Fatalf("%v: %s; delegating: %v", err, out, delegated)
	}
	record("BPF token", "yes")
}

// delegateAll receives a BPF file system that is being set up, and allows
// everything in it.
func delegateAll(socket int) error {
	data, control := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, data, control, 0)
	if err != nil {
		return err
	}
	messages, err := unix.ParseSocketControlMessage(control[:n])
	if err != nil || len(messages) != 1 {
		return fmt.Errorf("the child sent no file: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return err
	}
	defer unix.Close(fds[0])
	for _, what := range []string{"delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs"} {
		if err := unix.FsconfigSetString(fds[0], what, "any"); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	if err := unix.FsconfigCreate(fds[0]); err != nil {
		return err
	}
	return unix.Send(socket, []byte{1}, 0)
}

// loadWithToken is the child. It first loads without a token, which must fail.
func loadWithToken() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if s, err := plain.OpenAndLoad(skel.WithToken("")); err == nil {
		s.Close()
		return errors.New("loads without a token")
	} else if !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("without a token: %w, want EPERM", err)
	}
	path, err := mountDelegated(3)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	defer unix.Unmount(path, unix.MNT_DETACH)
	s, err := plain.OpenAndLoad(skel.WithToken(path))
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	if !makeSystemCallsUntil(func() bool { return s.Bss.Calls > 0 }) {
		return errors.New("the program never ran")
	}
	return s.Close()
}

// mountDelegated makes a BPF file system of this user namespace, lets the other
// end of socket delegate, and mounts it on a new folder.
func mountDelegated(socket int) (string, error) {
	fs, err := unix.Fsopen("bpf", 0)
	if err != nil {
		return "", fmt.Errorf("fsopen: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.Sendmsg(socket, []byte{0}, unix.UnixRights(fs), nil, 0); err != nil {
		return "", err
	}
	if n, err := unix.Read(socket, make([]byte, 1)); n != 1 {
		return "", fmt.Errorf("nothing was delegated: %w", err)
	}
	mount, err := unix.Fsmount(fs, 0, 0)
	if err != nil {
		return "", fmt.Errorf("fsmount: %w", err)
	}
	defer unix.Close(mount)
	if err := unix.Mount("none", "/tmp", "tmpfs", 0, ""); err != nil {
		return "", err
	}
	path, err := os.MkdirTemp("/tmp", "token")
	if err != nil {
		return "", err
	}
	return path, unix.MoveMount(mount, "", unix.AT_FDCWD, path, unix.MOVE_MOUNT_F_EMPTY_PATH)
}
