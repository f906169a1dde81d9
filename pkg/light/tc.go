//go:build linux

package light

import (
	"encoding/binary"
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// tc makes the calls for filters, as libbpf's bpf_tc_* do.
type tc struct{}

func init() { backend.RegisterTC(tc{}) }

// Sides of an interface (enum bpf_tc_attach_point).
const (
	tcIngress = 1 << iota
	tcEgress
	tcCustom
	tcQdisc
)

// Numbers of the kernel's linux/pkt_sched.h and linux/pkt_cls.h.
const (
	clsactParent  = 0xfffffff1 // TC_H_CLSACT
	clsactHandle  = 0xffff0000 // TC_H_MAKE(TC_H_CLSACT, 0)
	ingressParent = 0xfffffff2 // of TC_H_MIN_INGRESS
	egressParent  = 0xfffffff3
	bpfFD         = 6 // TCA_BPF_FD
	bpfName       = 7
	bpfFlags      = 8
	bpfID         = 11
	directAction  = 1 // TCA_BPF_FLAG_ACT_DIRECT: the program decides about the packet
)

// Create makes the queueing discipline of the hook (bpf_tc_hook_create).
func (tc) Create(h backend.TCHook) error {
	m, err := qdisc(h, unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_EXCL)
	return tcResult("create the hook", m, -1, err)
}

// Destroy removes the discipline, or all filters of one side (bpf_tc_hook_destroy).
func (tc) Destroy(h backend.TCHook) error {
	var m *tcMessage
	var err error
	switch h.Point {
	case tcIngress, tcEgress:
		m, err = filter(h, unix.RTM_DELTFILTER, unix.NLM_F_ACK, 0, 0)
	default:
		m, err = qdisc(h, unix.RTM_DELQDISC, 0)
	}
	return tcResult("destroy the hook", m, -1, err)
}

// Attach adds a filter (bpf_tc_attach).
func (tc) Attach(h backend.TCHook, f backend.TCFilter) (handle, priority uint32, err error) {
	const op = "attach"
	how := uint16(unix.NLM_F_EXCL)
	if f.Replace {
		how = unix.NLM_F_REPLACE
	}
	m, err := filter(h, unix.RTM_NEWTFILTER, unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_ECHO|how, f.Handle, f.Priority)
	switch {
	case err != nil:
	case f.Program == 0:
		err = unix.EINVAL
	default:
		err = m.runs(f.Program)
	}
	if err == nil {
		err = m.request(-1)
	}
	if err == nil && !m.found {
		err = unix.ENOENT
	}
	return m.handle, m.priority, m.result(op, err)
}

// Detach removes a filter if it runs the program with the given id, otherwise it returns
// ENOENT. It works in the network namespace behind netns, -1 for the thread's
// (bpf_tc_query, bpf_tc_detach).
func (tc) Detach(h backend.TCHook, handle, priority, program uint32, netns int) error {
	const op = "detach"
	m, err := query(h, handle, priority, netns)
	if err == nil && m.program != program {
		err = unix.ENOENT
	}
	if err != nil {
		return m.result(op, err)
	}
	m, err = filter(h, unix.RTM_DELTFILTER, unix.NLM_F_ACK, handle, priority)
	m.text(unix.TCA_KIND, "bpf")
	return tcResult(op, m, netns, err)
}

// Query returns the id of a filter's program (bpf_tc_query).
func (tc) Query(h backend.TCHook, handle, priority uint32) (program uint32, err error) {
	m, err := query(h, handle, priority, -1)
	return m.program, m.result("query", err)
}

func query(h backend.TCHook, handle, priority uint32, netns int) (*tcMessage, error) {
	m, err := filter(h, unix.RTM_GETTFILTER, 0, handle, priority)
	if err == nil && (handle == 0 || priority == 0) {
		err = unix.EINVAL
	}
	if err != nil {
		return m, err
	}
	m.text(unix.TCA_KIND, "bpf")
	if err = m.request(netns); err == nil && !m.found {
		err = unix.ENOENT
	}
	return m, err
}

// tcResult sends a request that was made without an error.
func tcResult(op string, m *tcMessage, netns int, err error) error {
	if err == nil {
		err = m.request(netns)
	}
	return m.result(op, err)
}

// qdisc returns a request about the discipline of a hook.
func qdisc(h backend.TCHook, kind, flags uint16) (*tcMessage, error) {
	m := newTCMessage(kind, unix.NLM_F_ACK|flags)
	if h.Ifindex <= 0 {
		return m, unix.EINVAL
	}
	switch h.Point {
	case tcIngress, tcEgress, tcIngress | tcEgress:
		if h.Parent != 0 {
			return m, unix.EINVAL
		}
		m.header(h.Ifindex, clsactHandle, clsactParent, 0)
		m.text(unix.TCA_KIND, "clsact")
	case tcCustom:
		return m, unix.EOPNOTSUPP
	case tcQdisc:
		const longest = 64 // the kernel's limit is 16
		if h.Qdisc == "" || len(h.Qdisc) > longest {
			return m, unix.EINVAL
		}
		m.header(h.Ifindex, h.Handle, h.Parent, 0)
		m.text(unix.TCA_KIND, h.Qdisc)
	default:
		return m, unix.EINVAL
	}
	return m, nil
}

// filter returns a request about a filter of a hook; without a priority, about all of
// them. The kernel chooses the handle or priority of a new filter if it is 0.
func filter(h backend.TCHook, kind, flags uint16, handle, priority uint32) (*tcMessage, error) {
	m := newTCMessage(kind, flags)
	if h.Ifindex <= 0 || priority > math.MaxUint16 {
		return m, unix.EINVAL
	}
	parent := h.Parent
	switch h.Point {
	case tcIngress, tcEgress:
		if parent != 0 {
			return m, unix.EINVAL
		}
		if parent = ingressParent; h.Point == tcEgress {
			parent = egressParent
		}
	case tcCustom:
		if parent == 0 {
			return m, unix.EINVAL
		}
	default:
		return m, unix.EINVAL
	}
	info := priority << 16
	if kind != unix.RTM_DELTFILTER || handle != 0 || priority != 0 {
		info |= allProtocols()
	}
	m.header(h.Ifindex, handle, parent, info)
	return m, nil
}

// allProtocols is ETH_P_ALL in network order.
func allProtocols() uint32 {
	return uint32(binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL)))
}

// runs makes the request's filter run the program behind fd.
func (m *tcMessage) runs(fd int) error {
	info, err := bpf.InfoOfProgram(fd)
	if err != nil {
		return err
	}
	m.text(unix.TCA_KIND, "bpf")
	end := m.nest(unix.TCA_OPTIONS)
	m.number(bpfFD, uint32(fd))
	m.text(bpfName, fmt.Sprintf("%s:[%d]", info.Name, info.ID))
	m.number(bpfFlags, directAction)
	end()
	return nil
}
