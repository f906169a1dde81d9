package skel_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"reflect"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/layout"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// nilTypes are all exported types with methods, by their names in exportedTypes.
var nilTypes = map[string]reflect.Type{
	"BatchPos":                 reflect.TypeFor[skel.BatchPos](),
	"Bloom":                    reflect.TypeFor[skel.Bloom[uint64]](),
	"Error":                    reflect.TypeFor[skel.Error](),
	"FD":                       reflect.TypeFor[skel.FD](),
	"Iter":                     reflect.TypeFor[skel.Iter[uint32, uint64]](),
	"Link":                     reflect.TypeFor[skel.Link](),
	"Map":                      reflect.TypeFor[skel.Map[uint32, uint64]](),
	"MapOfMaps":                reflect.TypeFor[skel.MapOfMaps[uint32]](),
	"Object":                   reflect.TypeFor[skel.Object](),
	"OpenMap":                  reflect.TypeFor[skel.OpenMap](),
	"OpenObject":               reflect.TypeFor[skel.OpenObject](),
	"OpenProgram":              reflect.TypeFor[skel.OpenProgram](),
	"MapHandle":                reflect.TypeFor[skel.MapHandle](),
	"PerCPUMap":                reflect.TypeFor[skel.PerCPUMap[uint32, uint64]](),
	"PerCPUIter":               reflect.TypeFor[skel.PerCPUIter[uint32, uint64]](),
	"PerfEventArray":           reflect.TypeFor[skel.PerfEventArray](),
	"ProgArray":                reflect.TypeFor[skel.ProgArray](),
	"Program":                  reflect.TypeFor[skel.Program](),
	"Queue":                    reflect.TypeFor[skel.Queue[uint64]](),
	"RawMap":                   reflect.TypeFor[skel.RawMap](),
	"RingBuf":                  reflect.TypeFor[skel.RingBuf](),
	"StructOps":                reflect.TypeFor[skel.StructOps](),
	"TCHook":                   reflect.TypeFor[skel.TCHook](),
	"UserRingBuf":              reflect.TypeFor[skel.UserRingBuf](),
	"VerifierError":            reflect.TypeFor[skel.VerifierError](),
	"generated skel":           reflect.TypeFor[basic.Skel](),
	"generated open":           reflect.TypeFor[basic.OpenSkel](),
	"generated view":           reflect.TypeFor[basic.RodataView](),
	"generated wide view":      reflect.TypeFor[basic.RodataWideView](),
	"layout.StructOpsFunc":     reflect.TypeFor[layout.StructOpsFunc](),
	"layout.Int128":            reflect.TypeFor[layout.Int128](),
	"layout.Uint128":           reflect.TypeFor[layout.Uint128](),
	"ringbuf.PerfReader":       reflect.TypeFor[ringbuf.PerfReader](),
	"ringbuf.Reader":           reflect.TypeFor[ringbuf.Reader](),
	"ringbuf.ShortRecordError": reflect.TypeFor[ringbuf.ShortRecordError](),
	"ringbuf.Writer":           reflect.TypeFor[ringbuf.Writer](),
	"ringbuf.LostError":        reflect.TypeFor[ringbuf.LostError](),
}

func TestNilAndZeroValuesDoNotPanic(t *testing.T) {
	for name, typ := range nilTypes {
		zero := reflect.New(typ)
		for what, v := range map[string]reflect.Value{"nil": reflect.Zero(reflect.PointerTo(typ)), "zero": zero} {
			for i := range v.NumMethod() {
				m := v.Type().Method(i)
				// A method of a value needs the value. A skeleton's own methods do not.
				_, byValue := typ.MethodByName(m.Name)
				if what == "nil" && byValue && name != "generated skel" && name != "generated open" {
					continue
				}
				for _, args := range arguments(m.Func.Type()) {
					if p := panics(func() { runResults(v.Method(i).Call(args)) }); p != "" {
						t.Errorf("%s of a %s %s(%v): %s", m.Name, what, name, args, p)
					}
				}
			}
		}
	}
}

// Loaded, and then closed, objects accept nil and zero arguments too.
func TestNilAndZeroArgumentsDoNotPanic(t *testing.T) {
	k := loadKinds(t)
	link, err := loadBasic(t).Progs.HandleRaw.Attach()
	if err != nil {
		t.Logf("no link: %v", err)
		link = nil
	}
	own, err := skel.MapFromFD(k.Maps.Hash.FD())
	must(t, err)
	open, err := kinds.Open()
	must(t, err)
	values := []reflect.Value{reflect.ValueOf(k.Progs.Target), reflect.ValueOf(k.Object), reflect.ValueOf(own),
		reflect.ValueOf(k.Maps.Hash.Iter()), reflect.ValueOf(k.Maps.PercpuHash.Iter()), reflect.ValueOf(link),
		reflect.ValueOf(open.Maps.Hash), reflect.ValueOf(open.Progs.Target), reflect.ValueOf(open), reflect.ValueOf(k)}
	maps := reflect.ValueOf(k.Maps)
	for i := range maps.NumField() {
		values = append(values, maps.Field(i))
	}
	for _, state := range []string{"open", "closed"} {
		for _, v := range values {
			for i := range v.NumMethod() {
				m := v.Type().Method(i)
				if state == "open" && (m.Name == "Close" || m.Name == "Load") {
					continue
				}
				for _, args := range arguments(m.Func.Type()) {
					if p := panics(func() { runResults(v.Method(i).Call(args)) }); p != "" {
						t.Errorf("%s of %s %v(%v): %s", m.Name, state, v.Type(), args, p)
					}
				}
			}
		}
		must(t, own.Close())
		must(t, k.Close())
		must(t, open.Close())
	}
}

func TestFunctionsOfNilDoNotPanic(t *testing.T) {
	needRoot(t)
	var none context.Context
	for name, f := range map[string]func() error{
		"MapFromFD":      func() error { return second(skel.MapFromFD(-1)) },
		"MapByID":        func() error { return second(skel.MapByID(0)) },
		"OpenPinnedMap":  func() error { return second(skel.OpenPinnedMap("")) },
		"TypedMap":       func() error { return second(skel.TypedMap[uint32, uint64](nil).Lookup(nil)) },
		"TypedPerCPUMap": func() error { return second(skel.TypedPerCPUMap[uint32, uint64](nil).Lookup(nil)) },
		"TypedQueue":     func() error { return second(skel.TypedQueue[uint64](nil).Pop()) },
		"Open": func() error {
			o, err := basic.Open(nil)
			o.Close()
			return errors.Join(err, syscall.EINVAL)
		},
		"NewReader":               func() error { return second(ringbuf.NewReader()) },
		"NewReader of nil":        func() error { return second(ringbuf.NewReader(nil)) },
		"NewReader of a nil map":  func() error { return second(ringbuf.NewReader((*skel.RingBuf)(nil))) },
		"NewReader of a zero map": func() error { return second(ringbuf.NewReader(&skel.RingBuf{})) },
		"NewPerfReader":           func() error { return second(ringbuf.NewPerfReader(nil, 1, nil)) },
		"NewPerfReader of a nil map": func() error {
			return second(ringbuf.NewPerfReader((*skel.PerfEventArray)(nil), 1))
		},
		"NewWriter": func() error { return second(ringbuf.NewWriter(nil)) },
		"NewWriter of a nil map": func() error {
			return second(ringbuf.NewWriter((*skel.UserRingBuf)(nil)))
		},
		"Send":     func() error { return ringbuf.Send[uint32](nil, nil) },
		"SendWait": func() error { return ringbuf.SendWait[uint32](none, nil, nil) },
		"Events": func() error {
			for _, err := range ringbuf.Events[uint32](none, nil) {
				return err
			}
			return nil
		},
		"PerfEvents": func() error {
			for _, err := range ringbuf.PerfEvents[uint32](none, nil) {
				return err
			}
			return nil
		},
	} {
		var err error
		if p := panics(func() { err = f() }); p != "" || err == nil {
			t.Errorf("%s returned %v, and panicked with %q", name, err, p)
		}
	}
}

// arguments are zero values, and functions and options that do nothing.
func arguments(method reflect.Type) (out [][]reflect.Value) {
	zero, full := []reflect.Value{}, []reflect.Value{}
	for i := 1; i < method.NumIn(); i++ {
		in := method.In(i)
		if method.IsVariadic() && i == method.NumIn()-1 {
			full = append(full, reflect.Zero(in.Elem()))
			continue
		}
		zero = append(zero, reflect.Zero(in))
		switch in.Kind() {
		case reflect.Func:
			full = append(full, reflect.MakeFunc(in, func([]reflect.Value) (results []reflect.Value) {
				for r := range in.NumOut() {
					results = append(results, reflect.Zero(in.Out(r)))
				}
				return results
			}))
		case reflect.Pointer:
			full = append(full, reflect.New(in.Elem()))
		default:
			full = append(full, reflect.Zero(in))
		}
	}
	return [][]reflect.Value{zero, full}
}

// runResults runs the iterators and functions among results.
func runResults(results []reflect.Value) {
	for _, r := range results {
		if r.Kind() != reflect.Func || r.IsNil() {
			continue
		}
		args := []reflect.Value{}
		for i := range r.Type().NumIn() {
			yield := r.Type().In(i)
			args = append(args, reflect.MakeFunc(yield, func([]reflect.Value) []reflect.Value {
				return []reflect.Value{reflect.ValueOf(true)}
			}))
		}
		r.Call(args)
	}
}

func panics(f func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
			if testing.Verbose() {
				text += string(debug.Stack())
			}
		}
	}()
	f()
	return ""
}

// TestEveryTypeIsTriedAsNil finds the types in the sources.
func TestEveryTypeIsTriedAsNil(t *testing.T) {
	for dir, prefix := range map[string]string{".": "", "../layout": "layout.", "../ringbuf": "ringbuf."} {
		inspect(sources(t, dir), func(n ast.Node) {
			d, ok := n.(*ast.FuncDecl)
			if !ok || d.Recv == nil || !d.Name.IsExported() {
				return
			}
			name := strings.TrimSuffix(receiver(d), ".")
			if _, tried := nilTypes[prefix+name]; !tried && ast.IsExported(name) {
				t.Errorf("%s%s has methods: it belongs in nilTypes", prefix, name)
			}
		})
	}
}
