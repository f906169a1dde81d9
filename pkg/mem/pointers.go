package mem

import (
	"fmt"
	"reflect"
	"sync"
	"syscall"
)

var checked sync.Map // reflect.Type -> what checkType said, which takes long

// PointerFree is EINVAL if a T holds a Go pointer. Such memory must be neither
// read nor written by the kernel: the garbage collector would follow what the
// kernel wrote, and would not know what it keeps.
func PointerFree[T any]() error {
	t := reflect.TypeFor[T]()
	if known, ok := checked.Load(t); ok {
		err, _ := known.(error)
		return err
	}
	err := checkType(t)
	checked.Store(t, err)
	return err
}

func checkType(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Array:
		return checkType(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if err := checkType(t.Field(i).Type); err != nil {
				return fmt.Errorf("%v: field %s: %w", t, t.Field(i).Name, err)
			}
		}
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer,
		reflect.Slice, reflect.String, reflect.UnsafePointer:
		return fmt.Errorf("%w: %v holds a Go pointer, which memory of the kernel cannot", syscall.EINVAL, t)
	}
	return nil
}
