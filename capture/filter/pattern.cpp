#include "capture/filter/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string>
#include <utility>

namespace synscope::filter {
namespace {

// Wireshark sets none of these. PCRE2's own limits count anew at every place where a match might begin, and a
// packet has tens of thousands of those: so the steps of a whole search are counted as well, by callouts.
constexpr std::uint32_t kMaxSteps = 1'000'000;
constexpr std::uint32_t kMatchLimit = 1'000'000;
constexpr std::uint32_t kDepthLimit = 20'000;
constexpr std::uint32_t kHeapLimitKib = 20'000;
/// How deep brackets may nest: PCRE2 compiles by recursion.
constexpr std::uint32_t kNestLimit = 100;

struct Freer {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
template <class T>
using Owned = std::unique_ptr<T, Freer>;

int count_step(pcre2_callout_block* /*block*/, void* steps) {
    return ++*static_cast<std::uint32_t*>(steps) > kMaxSteps ? PCRE2_ERROR_CALLOUT : 0;
}

PCRE2_SPTR units(std::string_view text) {
    return static_cast<PCRE2_SPTR>(static_cast<const void*>(text.data()));
}

std::string words_of(int error) {
    PCRE2_UCHAR buffer[256] = {};
    pcre2_get_error_message(error, buffer, sizeof buffer);
    std::string out;
    for (const PCRE2_UCHAR c : buffer) {
        if (c == 0) break;
        out += static_cast<char>(c);
    }
    return out;
}

}  // namespace

struct Pattern::Impl {
    Owned<pcre2_code> code;
    Owned<pcre2_match_context> limits;
};

Pattern::Pattern(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern, FilterError> Pattern::compile(std::string_view text) {
    const Owned<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
    auto impl = std::make_unique<Impl>();
    impl->limits.reset(pcre2_match_context_create(nullptr));
    if (!context || !impl->limits) return failure(FilterError{0, text.size(), "out of memory"});
    pcre2_set_parens_nest_limit(context.get(), kNestLimit);
    pcre2_set_match_limit(impl->limits.get(), kMatchLimit);
    pcre2_set_depth_limit(impl->limits.get(), kDepthLimit);
    pcre2_set_heap_limit(impl->limits.get(), kHeapLimitKib);
    int error = 0;
    PCRE2_SIZE at = 0;
    // Bytes, not UTF-8: packets hold anything. \C and "(*UTF)" at the start would break that promise.
    impl->code.reset(pcre2_compile(
        units(text), text.size(),
        PCRE2_CASELESS | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
        &error, &at, context.get()));
    if (!impl->code)
        return failure(
            FilterError{at, 0, std::string("the regular expression is wrong: ") + words_of(error)});
    return Pattern(std::move(impl));
}

bool Pattern::search(std::string_view subject) const {
    // One pair of offsets is enough: only whether it matches is asked.
    const Owned<pcre2_match_data> found(pcre2_match_data_create(1, nullptr));
    // The counter is this search's own, and with it what refers to it: others may be searching too.
    const Owned<pcre2_match_context> limits(pcre2_match_context_copy(impl_->limits.get()));
    if (!found || !limits) return false;
    std::uint32_t steps = 0;
    pcre2_set_callout(limits.get(), count_step, &steps);
    // 0: more groups than offsets. Below 0: no match, or a limit was reached.
    return pcre2_match(impl_->code.get(), units(subject), subject.size(), 0, 0, found.get(), limits.get()) >=
           0;
}

}  // namespace synscope::filter
