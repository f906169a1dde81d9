package backend

import "sync/atomic"

var registeredTC atomic.Pointer[TC]

// RegisterTC makes t the one that hooks of tc, which belong to no object, are used by.
// It is for back ends.
func RegisterTC(t TC) { registeredTC.Store(&t) }

// RegisteredTC returns it. The error is an *UnsupportedError if this program has none.
func RegisteredTC() (TC, error) {
	if t := registeredTC.Load(); t != nil {
		return *t, nil
	}
	return nil, &UnsupportedError{Backend: "of this program", Option: "hooks of tc"}
}
