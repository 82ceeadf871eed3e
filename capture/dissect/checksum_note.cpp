#include "capture/dissect/checksum_note.hpp"

#include "net/wire/checksum.hpp"

namespace synscope::dissect {

std::string checksum_note(const Piece& segment, const State& state, std::uint8_t protocol,
                          std::size_t field_at) {
    if (segment.cut() || state.fragment || state.quoted) return "not checked: not all bytes are here";
    switch (
        wire::judge_transport_checksum(state.source, state.destination, protocol, segment.bytes, field_at)) {
        case wire::ChecksumVerdict::Correct:
            return "correct";
        case wire::ChecksumVerdict::Wrong:
            return "wrong";
        case wire::ChecksumVerdict::Offloaded:
            return "not filled in yet: left to the network card (offload)";
    }
    return {};
}

}  // namespace synscope::dissect
