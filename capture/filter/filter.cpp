#include "capture/filter/filter.hpp"

#include <utility>

#include "capture/filter/parser.hpp"
#include "capture/filter/program.hpp"

namespace synscope::filter {

struct Filter::Impl {
    Program program;
};

Filter::Filter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Result<Filter, FilterError> Filter::compile(std::string_view text) {
    if (text.size() > kMaxFilterSize)
        return failure(FilterError{kMaxFilterSize, 0, "the filter is too long"});
    const auto syntax = parse(text);
    if (!syntax) return failure(syntax.error());
    auto program = compile_program(*syntax);
    if (!program) return failure(std::move(program).error());
    return Filter(std::make_unique<Impl>(Impl{*std::move(program)}));
}

bool Filter::matches(const PacketFacts& packet) const {
    return evaluate(impl_->program, packet);
}

Needs Filter::needs() const noexcept {
    return impl_->program.needs;
}

}  // namespace synscope::filter
