package bpf

import "unsafe"

// Sizes and offsets are the kernel's on every architecture, or this does not compile: an
// index is 0, the only one of its array, if the two numbers are the same.
// SAFETY: sizes and offsets alone.
var (
	zero [1]struct{}

	_ = zero[unsafe.Sizeof(ptr64{})-8]

	_ = zero[unsafe.Sizeof(elemAttr{})-32]
	_ = zero[unsafe.Offsetof(elemAttr{}.key)-8]
	_ = zero[unsafe.Offsetof(elemAttr{}.flags)-24]

	_ = zero[unsafe.Sizeof(batchAttr{})-56]
	_ = zero[unsafe.Offsetof(batchAttr{}.count)-32]
	_ = zero[unsafe.Offsetof(batchAttr{}.flags)-48]

	_ = zero[unsafe.Sizeof(mapCreateAttr{})-96]
	_ = zero[unsafe.Offsetof(mapCreateAttr{}.name)-28]
	_ = zero[unsafe.Offsetof(mapCreateAttr{}.extra)-64]
	_ = zero[unsafe.Offsetof(mapCreateAttr{}.exclusiveHash)-80]

	_ = zero[unsafe.Sizeof(progLoadAttr{})-144]
	_ = zero[unsafe.Offsetof(progLoadAttr{}.name)-48]
	_ = zero[unsafe.Offsetof(progLoadAttr{}.funcInfo)-80]
	_ = zero[unsafe.Offsetof(progLoadAttr{}.attachBTF)-108]
	_ = zero[unsafe.Offsetof(progLoadAttr{}.relocationSize)-136]
	_ = zero[unsafe.Sizeof(btfLoadAttr{})-32]

	_ = zero[unsafe.Sizeof(pinAttr{})-24]
	_ = zero[unsafe.Sizeof(idAttr{})-16]
	_ = zero[unsafe.Sizeof(progAttachAttr{})-32]
	_ = zero[unsafe.Sizeof(infoAttr{})-16]

	_ = zero[unsafe.Sizeof(runAttr{})-80]
	_ = zero[unsafe.Offsetof(runAttr{}.data)-16]
	_ = zero[unsafe.Offsetof(runAttr{}.context)-48]
	_ = zero[unsafe.Offsetof(runAttr{}.batchSize)-72]

	_ = zero[unsafe.Sizeof(linkAttr{})-16]
	_ = zero[unsafe.Sizeof(linkTracingAttr{})-32]
	_ = zero[unsafe.Sizeof(linkPerfAttr{})-24]
	_ = zero[unsafe.Sizeof(linkIterAttr{})-32]
	_ = zero[unsafe.Sizeof(linkOrderAttr{})-32]
	_ = zero[unsafe.Sizeof(linkNetfilterAttr{})-32]
	_ = zero[unsafe.Sizeof(linkKprobeMultiAttr{})-48]
	_ = zero[unsafe.Offsetof(linkKprobeMultiAttr{}.names)-24]
	_ = zero[unsafe.Sizeof(linkUprobeMultiAttr{})-64]
	_ = zero[unsafe.Offsetof(linkUprobeMultiAttr{}.count)-48]
	_ = zero[unsafe.Offsetof(linkUprobeMultiAttr{}.pid)-56]
	_ = zero[unsafe.Sizeof(rawTracepointAttr{})-24]
	_ = zero[unsafe.Sizeof(linkUpdateAttr{})-16]

	_ = zero[unsafe.Sizeof(mapInfo{})-104]
	_ = zero[unsafe.Offsetof(mapInfo{}.name)-24]
	_ = zero[unsafe.Offsetof(mapInfo{}.btfID)-64]
	_ = zero[unsafe.Offsetof(mapInfo{}.extra)-80]
	_ = zero[unsafe.Sizeof(btfInfo{})-32]
	_ = zero[unsafe.Offsetof(btfInfo{}.name)-16]

	_ = zero[unsafe.Sizeof(programInfo{})-232]
	_ = zero[unsafe.Offsetof(programInfo{}.mapIDs)-56]
	_ = zero[unsafe.Offsetof(programInfo{}.netns)-88]
	_ = zero[unsafe.Offsetof(programInfo{}.btfID)-128]
	_ = zero[unsafe.Offsetof(programInfo{}.functions)-144]
	_ = zero[unsafe.Offsetof(programInfo{}.tagsAt)-184]
	_ = zero[unsafe.Offsetof(programInfo{}.verified)-216]

	_ = zero[unsafe.Sizeof(linkInfo{})-128]
	_ = zero[unsafe.Offsetof(linkInfo{}.union)-16]
	_ = zero[unsafe.Offsetof(linkNameFirst{}.nameLen)-24]
	_ = zero[unsafe.Offsetof(linkNamePerf{}.name)-24]
	_ = zero[unsafe.Offsetof(linkNamePerf{}.nameLen)-32]
	_ = zero[unsafe.Offsetof(linkNameUprobes{}.nameLen)-48]
)
