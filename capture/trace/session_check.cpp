#include "capture/trace/session_check.hpp"

#include <variant>

#include "capture/pcapng/block_parser.hpp"
#include "capture/pcapng/block_types.hpp"
#include "capture/pcapng/event_pack.hpp"
#include "capture/trace/named_packet.hpp"

namespace synscope::trace {

namespace {

constexpr std::size_t kMostRuns = 1u << 16;

/// Nobody asks for the texts.
class NoTexts final : public pcapng::TextInterner {
  public:
    TextId intern(std::string_view /*text*/) override { return {}; }
};

}  // namespace

void SessionCheck::give_up_waiting() {
    if (waiting_ && !forgetful_) ++summary_.missing_packets;
    waiting_.reset();
}

void SessionCheck::event(ByteSpan body) {
    summary_.has_our_events = true;
    NoTexts texts;
    pcapng::EventReader block{body, texts};
    while (auto event = block.next()) {
        give_up_waiting();
        const PacketId* named = named_packet(event->body);
        if (named == nullptr)
            ++summary_.events;
        else if (!packets_.find(named->value))
            waiting_ = named->value;
    }
    if (const auto fault = block.fault()) {
        give_up_waiting();
        ++(*fault == pcapng::EventFault::Newer ? summary_.newer_events : summary_.damaged_events);
    }
}

void SessionCheck::block(const pcapng::Item& item) {
    if (const auto* section = std::get_if<pcapng::SectionItem>(&item.content)) {
        for (const pcapng::Option& option : section->options)
            if (option.code == pcapng::option::kComment) section_comments_.add(0, option.text());
        give_up_waiting();
        packets_ = {};
        forgetful_ = false;
    } else if (const auto* other = std::get_if<pcapng::OtherItem>(&item.content)) {
        if (other->type == pcapng::kEventBlockType)
            event(other->body);
        else
            ++summary_.unknown_blocks;
    }
}

void SessionCheck::packet(ByteSpan block, bool big_endian) {
    ++summary_.packets;
    for (const std::string_view comment : pcapng::packet_comments(block, big_endian))
        packet_comments_.add(summary_.packets, comment);
    const std::uint32_t type = big_endian ? load_be32(block, 0) : load_le32(block, 0);
    if (type == pcapng::kCustom || type == pcapng::kCustomNotCopied || type == pcapng::kJournalExport) return;
    const auto id = pcapng::packet_identifier(block, big_endian);
    if (id) {
        summary_.has_packet_ids = true;
        forgetful_ = forgetful_ || packets_.runs() >= kMostRuns;
        if (!forgetful_) packets_.add(*id, *id);
    }
    if (waiting_ && id == waiting_)
        waiting_.reset();
    else
        give_up_waiting();
}

void SessionCheck::end(bool whole) {
    if (whole) give_up_waiting();
    waiting_.reset();
}

}  // namespace synscope::trace
