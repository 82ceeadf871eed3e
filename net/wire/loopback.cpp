#include "net/wire/loopback.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {

std::string LoopbackHeader::text() const {
    std::array<std::byte, LoopbackView::kSize> bytes{};
    emit(bytes);
    const auto version = LoopbackView::parse(bytes)->ip_version();
    return concat("AF ", !version ? "unknown" : *version == 4 ? "IPv4" : "IPv6", " (", family, ')');
}

}  // namespace synscope::wire
