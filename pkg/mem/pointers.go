package mem

import (
	"fmt"
	"reflect"
	"sync"
	"syscall"
)

var checked sync.Map // reflect.Type -> the result of checkType, which is slow

// PointerFree returns EINVAL if a T holds a Go pointer. The kernel must neither read
// nor write such memory: the garbage collector would follow pointers that the kernel
// wrote, and would not know which ones the kernel keeps.
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
		return fmt.Errorf("%w: %v holds a Go pointer, which cannot be shared with the kernel", syscall.EINVAL, t)
	}
	return nil
}
