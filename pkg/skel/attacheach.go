package skel

import "errors"

// AttachResult is what AttachEach did with one program or struct_ops map.
type AttachResult struct {
	Program, Map string // the name of one of them
	// Link is its place in Links. It is not attached if the attach failed, or if
	// the program or map was left out; in the latter case Err is nil.
	Link *Link
	Err  error
}

// AttachEach is Attach that goes on after a failure: it attaches what it can, and
// returns a result for each program and struct_ops map. The error joins theirs, nil
// if there is none; it is ErrClosed, without results, after Close.
// (bpf_object__attach_skeleton)
func (o *Object) AttachEach() ([]AttachResult, error) {
	if err := o.enterChange(); err != nil {
		return nil, err
	}
	defer o.leaveChange()
	var results []AttachResult
	for i, place := range o.progPlaces {
		results = append(results, AttachResult{Program: place.program, Link: place, Err: o.attachProgram(i)})
	}
	for i, place := range o.mapPlaces {
		if o.spec.Maps[i].Link {
			results = append(results, AttachResult{Map: place.mapName, Link: place, Err: o.attachMap(i)})
		}
	}
	var errs []error
	for _, r := range results {
		errs = append(errs, r.Err)
	}
	return results, errors.Join(errs...)
}
