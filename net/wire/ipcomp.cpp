#include "net/wire/ipcomp.hpp"

#include <zlib.h>

namespace synscope::wire {

namespace {

constexpr std::size_t kMaxDatagram = 65'535;
constexpr int kRawDeflate = -15;  // no zlib header, the largest window

}  // namespace

std::optional<IpComp> read_ipcomp(ByteSpan payload) noexcept {
    if (payload.size() < IpComp::kHeaderSize) return std::nullopt;
    return IpComp{load_u8(payload, 0), load_u8(payload, 1), load_be16(payload, 2),
                  payload.subspan(IpComp::kHeaderSize)};
}

bool inflate_datagram(ByteSpan compressed, std::vector<std::byte>& out) {
    out.clear();
    if (compressed.size() > kMaxDatagram) return false;
    z_stream stream{};
    if (inflateInit2(&stream, kRawDeflate) != Z_OK) return false;
    out.resize(kMaxDatagram);
    // zlib reads through this pointer and never writes.
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(whole ? stream.total_out : 0);
    inflateEnd(&stream);
    return whole;
}

}  // namespace synscope::wire
