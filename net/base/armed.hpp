#pragma once
// The promise between synscope-capture and whoever starts it, or reads the session later. Thread rule: a
// constant.

#include <string_view>

namespace synscope {

/// The text of the Note event that follows the interface block in the stream of synscope-capture: from here
/// on every packet is recorded, or counted as dropped. Wait for it before the first packet is sent.
inline constexpr std::string_view kArmedNote = "armed";

}  // namespace synscope
