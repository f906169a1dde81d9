package backend

import "sync/atomic"

var registeredTC atomic.Pointer[TC]

// RegisterTC makes t the implementation of tc hooks, which do not belong to an object.
// Back ends call it.
func RegisterTC(t TC) { registeredTC.Store(&t) }

// RegisteredTC returns the registered TC. The error is an *UnsupportedError if there is
// none.
func RegisteredTC() (TC, error) {
	if t := registeredTC.Load(); t != nil {
		return *t, nil
	}
	return nil, &UnsupportedError{Backend: "of this program", Option: "hooks of tc"}
}
