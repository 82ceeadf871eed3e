#include "net/wire/ip_fragments.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "net/base/hash.hpp"

namespace synscope::wire {
namespace {

/// What one entry of the bookkeeping costs, roughly: counted so that tiny fragments are bounded as well.
constexpr std::size_t kPieceCost = 96;
constexpr std::size_t kDatagramCost = 256;
constexpr std::uint32_t kLargest = 65'535;

std::uint64_t word_at(const IpAddress& address, std::size_t at) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i)
        word = word << 8 | address.octets[at + i];
    return word;
}

}  // namespace

std::size_t FragmentTable::KeyHash::operator()(const Key& key) const noexcept {
    std::uint64_t hash = std::uint64_t{key.identification} << 8 | key.protocol;
    for (const std::size_t at : {std::size_t{0}, std::size_t{8}}) {
        hash = hash_mix(hash ^ word_at(key.source, at));
        hash = hash_mix(hash + word_at(key.destination, at));
    }
    return static_cast<std::size_t>(hash);
}

FragmentTable::Key FragmentTable::key_of(const IpPacket& packet) noexcept {
    const bool six = packet.source.family == 6;
    return {packet.source, packet.destination, packet.identification,
            six ? std::uint8_t{0} : packet.protocol};
}

std::optional<Instant> FragmentTable::waiting_since(const IpPacket& of) const {
    const auto found = positions_.find(key_of(of));
    return found == positions_.end() ? std::nullopt : std::optional{found->second->first_at};
}

void FragmentTable::give_up(const IpPacket& of) {
    const auto found = positions_.find(key_of(of));
    if (found == positions_.end()) return;
    erase(found->second);
    ++counts_.expired;
}

std::optional<Datagram> FragmentTable::add(const IpPacket& packet, Instant at) {
    forget_old(at);
    const auto size = static_cast<std::uint32_t>(packet.payload.size());
    const bool uneven = packet.more_fragments && size % 8 != 0;
    if (!is_whole_fragment(packet) || size == 0 || uneven || packet.fragment_offset + size > kLargest) {
        ++counts_.refused;
        return std::nullopt;
    }
    const Position position = find_or_start(key_of(packet), at);
    ++position->fragments;
    switch (insert(*position, packet)) {
        case Verdict::Refused:
            ++counts_.refused;
            break;
        case Verdict::Duplicate:
            ++counts_.duplicates;
            break;
        case Verdict::Dropped:
            drop(*position);
            break;
        case Verdict::Taken:
            if (position->end && position->present == *position->end) return finish(position);
            break;
    }
    make_room(position);
    return std::nullopt;
}

void FragmentTable::forget_old(Instant at) {
    // Captures may step back in time; such datagrams wait for the bounds on number and bytes.
    while (!waiting_.empty() && at - waiting_.front().first_at > limits_.age) {
        erase(waiting_.begin());
        ++counts_.expired;
    }
}

void FragmentTable::make_room(Position keep) {
    while (waiting_.size() > limits_.datagrams || bytes_ > limits_.bytes) {
        // A single datagram that breaks the bounds goes too.
        const Position oldest =
            waiting_.begin() == keep && waiting_.size() > 1 ? std::next(waiting_.begin()) : waiting_.begin();
        const bool last = oldest == keep;
        erase(oldest);
        ++counts_.evicted;
        if (last) return;
    }
}

void FragmentTable::erase(Position position) {
    bytes_ -= kDatagramCost + position->present + position->pieces.size() * kPieceCost;
    positions_.erase(position->key);
    waiting_.erase(position);
}

FragmentTable::Position FragmentTable::find_or_start(const Key& key, Instant at) {
    if (const auto found = positions_.find(key); found != positions_.end()) {
        if (at - found->second->first_at <= limits_.age) return found->second;
        erase(found->second);
        ++counts_.expired;
    }
    waiting_.emplace_back();
    const Position position = std::prev(waiting_.end());
    position->key = key;
    position->first_at = at;
    positions_.emplace(key, position);
    bytes_ += kDatagramCost;
    return position;
}

FragmentTable::Verdict FragmentTable::insert(Waiting& datagram, const IpPacket& packet) {
    if (datagram.dropped) return Verdict::Refused;
    const std::uint32_t begin = packet.fragment_offset;
    const auto end = begin + static_cast<std::uint32_t>(packet.payload.size());
    const bool six = packet.source.family == 6;
    const std::uint32_t reached =
        datagram.pieces.empty() ? 0
                                : datagram.pieces.rbegin()->first +
                                      static_cast<std::uint32_t>(datagram.pieces.rbegin()->second.size());
    const bool beyond = datagram.end && end > *datagram.end;
    const bool second_end =
        !packet.more_fragments && (end < reached || (datagram.end && end != *datagram.end));
    if (beyond || second_end) return six ? Verdict::Dropped : Verdict::Refused;
    if (datagram.pieces.size() >= limits_.fragments_of_one) return Verdict::Refused;

    // The pieces it meets: from the last one that starts at or before it.
    auto it = datagram.pieces.upper_bound(begin);
    if (it != datagram.pieces.begin()) --it;
    std::uint32_t at = begin;
    bool overlap = false;
    bool differs = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> gaps;
    for (; it != datagram.pieces.end() && it->first < end; ++it) {
        const std::uint32_t piece_end = it->first + static_cast<std::uint32_t>(it->second.size());
        if (piece_end <= begin) continue;
        overlap = true;
        const std::uint32_t from = std::max(begin, it->first);
        const std::uint32_t to = std::min(end, piece_end);
        differs = differs ||
                  !std::equal(packet.payload.begin() + (from - begin), packet.payload.begin() + (to - begin),
                              it->second.begin() + (from - it->first));
        if (it->first > at) gaps.emplace_back(at, it->first);
        at = piece_end;
    }
    if (at < end) gaps.emplace_back(at, end);
    if (overlap && six) {
        const auto same = datagram.pieces.find(begin);
        const bool duplicate =
            !differs && same != datagram.pieces.end() && same->second.size() == packet.payload.size();
        return duplicate ? Verdict::Duplicate : Verdict::Dropped;
    }
    if (differs) {
        ++counts_.conflicts;
        datagram.conflict = true;
    }
    if (!packet.more_fragments) datagram.end = end;
    if (begin == 0 || datagram.pieces.empty()) datagram.protocol = packet.protocol;
    for (const auto& [from, to] : gaps)
        insert_piece(datagram, from, packet.payload.subspan(from - begin, to - from));
    return gaps.empty() && datagram.present != datagram.end ? Verdict::Duplicate : Verdict::Taken;
}

void FragmentTable::insert_piece(Waiting& datagram, std::uint32_t offset, ByteSpan bytes) {
    datagram.pieces.emplace(offset, std::vector<std::byte>(bytes.begin(), bytes.end()));
    datagram.present += static_cast<std::uint32_t>(bytes.size());
    bytes_ += bytes.size() + kPieceCost;
}

void FragmentTable::drop(Waiting& datagram) {
    bytes_ -= datagram.present + datagram.pieces.size() * kPieceCost;
    datagram.pieces.clear();
    datagram.present = 0;
    datagram.end.reset();
    datagram.dropped = true;
    ++counts_.overlaps;
}

Datagram FragmentTable::finish(Position position) {
    whole_.clear();
    for (const auto& [offset, bytes] : position->pieces)
        whole_.insert(whole_.end(), bytes.begin(), bytes.end());
    Datagram out;
    out.source = position->key.source;
    out.destination = position->key.destination;
    out.protocol = position->protocol;
    out.identification = position->key.identification;
    out.payload = whole_;
    out.fragments = position->fragments;
    out.conflict = position->conflict;
    erase(position);
    ++counts_.completed;
    return out;
}

}  // namespace synscope::wire
