#pragma once
// The page that shows what is in a folder without an index.html. Thread rule: pure functions.

#include <string>
#include <string_view>

#include "net/service/effects.hpp"

namespace synscope::service {

inline constexpr std::uint32_t kMostListed = 1000;
/// A page ends behind the entry that passes this; what follows is not shown, and that is said.
inline constexpr std::size_t kMostPageBytes = std::size_t{256} << 10;

/// `path`: of the folder below the root, with a '/' at its end; "" for the root.
[[nodiscard]] std::string folder_page(std::string_view path, const FolderListed& folder);

}  // namespace synscope::service
