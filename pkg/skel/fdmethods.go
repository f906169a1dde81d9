package skel

// The methods of mapmethods.go, declared again for the same reason, for the types of map
// whose values are not plain memory, and for maps in bytes.

func (m *ProgArray) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *ProgArray) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *ProgArray) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *ProgArray) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *ProgArray) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *ProgArray) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *ProgArray) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *ProgArray) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *ProgArray) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *ProgArray) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *ProgArray) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *ProgArray) Unpin(path string) error { return m.base().Unpin(path) }

func (m *RingBuf) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *RingBuf) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *RingBuf) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *RingBuf) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *RingBuf) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *RingBuf) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *RingBuf) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *RingBuf) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *RingBuf) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *RingBuf) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *RingBuf) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *RingBuf) Unpin(path string) error { return m.base().Unpin(path) }

func (m *UserRingBuf) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *UserRingBuf) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *UserRingBuf) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *UserRingBuf) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *UserRingBuf) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *UserRingBuf) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *UserRingBuf) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *UserRingBuf) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *UserRingBuf) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *UserRingBuf) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *UserRingBuf) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *UserRingBuf) Unpin(path string) error { return m.base().Unpin(path) }

func (m *PerfEventArray) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *PerfEventArray) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *PerfEventArray) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *PerfEventArray) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *PerfEventArray) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *PerfEventArray) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *PerfEventArray) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *PerfEventArray) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *PerfEventArray) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *PerfEventArray) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *PerfEventArray) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *PerfEventArray) Unpin(path string) error { return m.base().Unpin(path) }

func (m *RawMap) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *RawMap) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *RawMap) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *RawMap) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *RawMap) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *RawMap) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *RawMap) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *RawMap) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *RawMap) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *RawMap) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *RawMap) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *RawMap) Unpin(path string) error { return m.base().Unpin(path) }

func (m *StructOps) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *StructOps) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *StructOps) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *StructOps) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *StructOps) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *StructOps) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *StructOps) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *StructOps) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *StructOps) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *StructOps) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *StructOps) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *StructOps) Unpin(path string) error { return m.base().Unpin(path) }

func (m *MapHandle) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *MapHandle) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *MapHandle) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *MapHandle) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *MapHandle) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *MapHandle) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *MapHandle) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *MapHandle) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *MapHandle) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *MapHandle) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *MapHandle) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *MapHandle) Unpin(path string) error { return m.base().Unpin(path) }

func (m *MapHandle) raw() *RawMap {
	if m == nil {
		return nil
	}
	return &m.RawMap
}

// Lookup is RawMap's.
func (m *MapHandle) Lookup(key []byte) ([]byte, error) { return m.raw().Lookup(key) }

// Update is RawMap's.
func (m *MapHandle) Update(key, value []byte, flags ...UpdateFlags) error {
	return m.raw().Update(key, value, flags...)
}

// Delete is RawMap's.
func (m *MapHandle) Delete(key []byte) error { return m.raw().Delete(key) }

// NextKey is RawMap's.
func (m *MapHandle) NextKey(key []byte) ([]byte, error) { return m.raw().NextKey(key) }
