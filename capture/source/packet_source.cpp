#include "capture/source/packet_source.hpp"

#include "capture/pcapng/block_parser.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"

namespace synscope::source {

Result<std::size_t, UserError> PacketSource::next_batch(std::span<RawPacket> batch) {
    if (batch.empty()) return std::size_t{0};
    const auto packet = next();
    if (!packet) return failure(packet.error());
    if (!*packet) return std::size_t{0};
    batch[0] = **packet;
    return std::size_t{1};
}

std::vector<std::string_view> comments_of(const RawPacket& packet) {
    return pcapng::packet_comments(packet.block, packet.big_endian);
}

std::string error_line(std::string_view program, const UserError& error) {
    std::string line = concat(program, ": ", escaped(error.what, Medium::Terminal));
    if (!error.where.empty()) line += concat(": ", escaped(error.where, Medium::Terminal));
    if (!error.hint.empty()) line += concat("; ", escaped(error.hint, Medium::Terminal));
    return line;
}

}  // namespace synscope::source
