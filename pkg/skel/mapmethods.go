package skel

// closedMap is used instead of a map that is nil.
var closedMap mapBase

// The methods that all types of map have. Each type declares them again instead of
// embedding them, because a promoted method panics if the map is nil, and go doc does not
// list it with the type.

func (m *Map[K, V]) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *Map[K, V]) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *Map[K, V]) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *Map[K, V]) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *Map[K, V]) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *Map[K, V]) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *Map[K, V]) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *Map[K, V]) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *Map[K, V]) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *Map[K, V]) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *Map[K, V]) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *Map[K, V]) Unpin(path string) error { return m.base().Unpin(path) }

func (m *PerCPUMap[K, V]) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *PerCPUMap[K, V]) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *PerCPUMap[K, V]) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *PerCPUMap[K, V]) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *PerCPUMap[K, V]) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *PerCPUMap[K, V]) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *PerCPUMap[K, V]) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *PerCPUMap[K, V]) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *PerCPUMap[K, V]) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *PerCPUMap[K, V]) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *PerCPUMap[K, V]) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *PerCPUMap[K, V]) Unpin(path string) error { return m.base().Unpin(path) }

func (m *Queue[V]) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *Queue[V]) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *Queue[V]) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *Queue[V]) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *Queue[V]) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *Queue[V]) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *Queue[V]) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *Queue[V]) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *Queue[V]) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *Queue[V]) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *Queue[V]) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *Queue[V]) Unpin(path string) error { return m.base().Unpin(path) }

func (m *Bloom[V]) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *Bloom[V]) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *Bloom[V]) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *Bloom[V]) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *Bloom[V]) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *Bloom[V]) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *Bloom[V]) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *Bloom[V]) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *Bloom[V]) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *Bloom[V]) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *Bloom[V]) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *Bloom[V]) Unpin(path string) error { return m.base().Unpin(path) }

func (m *MapOfMaps[K]) base() *mapBase {
	if m == nil {
		return &closedMap
	}
	return &m.mapBase
}

// Name is the map's name in libbpf. (bpf_map__name)
func (m *MapOfMaps[K]) Name() string { return m.base().Name() }

// MaxEntries is the number of elements that the kernel's map can hold; for a ring
// buffer, its size in bytes. The kernel may have rounded up the number that the object
// declares. (bpf_map_get_info_by_fd)
func (m *MapOfMaps[K]) MaxEntries() int { return m.base().MaxEntries() }

// KeySize is the size of a key in bytes. (bpf_map__key_size)
func (m *MapOfMaps[K]) KeySize() int { return m.base().KeySize() }

// ValueSize is the size of a value in bytes, for one CPU. (bpf_map__value_size)
func (m *MapOfMaps[K]) ValueSize() int { return m.base().ValueSize() }

// FD is the map's file descriptor, -1 if the map was not created and after Close. The
// map owns it. (bpf_map__fd)
func (m *MapOfMaps[K]) FD() int { return m.base().FD() }

// WithFD calls f with the map's file descriptor, -1 if the map was not created. Close
// does not close it before f returns. f must only make system calls.
func (m *MapOfMaps[K]) WithFD(f func(fd int) error) error { return m.base().WithFD(f) }

// OnClose is like Object's, for the owner of the map.
func (m *MapOfMaps[K]) OnClose(f func()) (stop func()) { return m.base().OnClose(f) }

// Info asks the kernel for the map's properties. (bpf_map_get_info_by_fd)
func (m *MapOfMaps[K]) Info() (MapInfo, error) { return m.base().Info() }

// Freeze forbids changes from user space permanently; programs can still make them.
// (bpf_map_freeze)
func (m *MapOfMaps[K]) Freeze() error { return m.base().Freeze() }

// Pin keeps the map in the kernel under path, in a BPF file system, also after Close. A
// map that has a pin path can be pinned only there; "" means that path. (bpf_map__pin)
func (m *MapOfMaps[K]) Pin(path string) error { return m.base().Pin(path) }

// Unpin removes the pin at path; "" means the map's pin path. The map stays as long as
// it is used. (bpf_map__unpin)
func (m *MapOfMaps[K]) Unpin(path string) error { return m.base().Unpin(path) }
