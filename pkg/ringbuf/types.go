package ringbuf

import (
	"fmt"
	"reflect"
	"sync"
	"syscall"
)

var checked sync.Map // reflect.Type -> what checkType said, which takes long

// checkFor is checkType of T.
func checkFor[T any]() error {
	t := reflect.TypeFor[T]()
	if known, ok := checked.Load(t); ok {
		err, _ := known.(error)
		return err
	}
	err := checkType(t)
	checked.Store(t, err)
	return err
}

// checkType refuses types that hold Go pointers, which bytes of a record must not
// become.
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
		return fmt.Errorf("%w: %v holds a Go pointer, which no record can", syscall.EINVAL, t)
	}
	return nil
}
