package ident

import "strings"

// KeywordC reports whether C compilers reject the identifier: C11's keywords,
// and those that GNU C adds without underscores.
func KeywordC(name string) bool { return keywordsC[name] }

// KeywordCPP reports whether C++17 or C++20 compilers reject an identifier that
// C compilers accept.
func KeywordCPP(name string) bool { return keywordsCPP[name] }

var keywordsC = wordSet(`
	auto break case char const continue default do double else enum extern
	float for goto if inline int long register restrict return short signed
	sizeof static struct switch typedef union unsigned void volatile while
	_Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn
	_Static_assert _Thread_local
	asm typeof`)

var keywordsCPP = wordSet(`
	alignas alignof and and_eq bitand bitor bool catch char16_t char32_t
	char8_t class co_await co_return co_yield compl concept const_cast
	consteval constexpr constinit decltype delete dynamic_cast explicit export
	false friend mutable namespace new noexcept not not_eq nullptr operator or
	or_eq private protected public reinterpret_cast requires static_assert
	static_cast template this thread_local throw true try typeid typename
	using virtual wchar_t xor xor_eq`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}
