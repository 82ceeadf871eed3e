#pragma once
// What an interface description block says, as an Interface that is kept.
//
// Memory: a file of 65535 interfaces with texts of 64 KiB each is a few kilobytes when it is compressed; what
// is kept of all their texts together is limited, and the texts of further interfaces stay empty. Thread
// rule: one thread.

#include <cstddef>

#include "capture/trace/store.hpp"

namespace synscope::pcapng {
struct InterfaceItem;
}  // namespace synscope::pcapng

namespace synscope::trace {

class InterfaceTexts {
  public:
    static constexpr std::size_t kMostBytes = 16u << 20;
    [[nodiscard]] Interface interface_of(const pcapng::InterfaceItem& item);

  private:
    std::size_t left_ = kMostBytes;
};

}  // namespace synscope::trace
