#pragma once
// What people read when something failed. Thread rule: pure functions.

#include <span>
#include <string>
#include <string_view>

#include "net/base/result.hpp"

namespace synscope::host {

/// "connection refused": the system's words for an errno, in the middle of a sentence.
[[nodiscard]] std::string errno_words(int error);

/// "unknown engine 'x'", with the known ones as the hint.
template <class Info>
[[nodiscard]] UserError unknown_name(std::string_view kind, std::string_view name,
                                     std::span<const Info> known) {
    std::string list;
    for (const Info& info : known)
        list.append(list.empty() ? "" : ", ").append(info.name);
    std::string what{"unknown "};
    what.append(kind).append(" '").append(name).append("'");
    return {what, {}, std::string{"known: "}.append(list)};
}

}  // namespace synscope::host
