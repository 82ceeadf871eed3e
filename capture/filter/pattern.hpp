#pragma once
// A regular expression (PCRE2), case-insensitive as Wireshark's `matches`. Its work is limited: an expression
// that would try for too long, too deep or with too much memory finds nothing. Thread rule: search() may run
// in several threads at once.

#include <memory>
#include <string_view>

#include "capture/filter/filter_error.hpp"
#include "net/base/result.hpp"

namespace synscope::filter {

class Pattern {
  public:
    /// The error's column counts within `text`.
    [[nodiscard]] static Result<Pattern, FilterError> compile(std::string_view text);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    /// Whether the expression matches anywhere in `subject`, which may be any bytes.
    [[nodiscard]] bool search(std::string_view subject) const;

  private:
    struct Impl;
    explicit Pattern(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::filter
