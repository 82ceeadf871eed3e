#include "capture/source/merged_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "capture/source/file.hpp"

namespace synscope::source {
namespace {

constexpr std::size_t kAhead = 64;
constexpr std::uint16_t kNotCaptured = 0xffff;

}  // namespace

struct MergedSource::Input {
    std::unique_ptr<PacketSource> source;
    std::array<RawPacket, kAhead> ahead{};
    std::size_t at = 0;
    std::size_t end = 0;
    bool ended = false;
    std::vector<std::uint16_t> numbers{};  ///< ours, by the source's; kNotCaptured: none yet
};

MergedSource::MergedSource(std::vector<std::unique_ptr<PacketSource>> sources) {
    for (auto& source : sources)
        inputs_.push_back(Input{.source = std::move(source)});
    link_type_ = inputs_.front().source->link_type();
}

MergedSource::~MergedSource() = default;

void MergedSource::refill(Input& input) {
    if (input.ended || input.at < input.end) return;
    const auto count = input.source->next_batch(input.ahead);
    if (!count && !error_) error_ = count.error();
    input.at = 0;
    input.end = count ? *count : 0;
    input.ended = input.end == 0;
}

/// Nothing when there is no number left.
std::optional<std::uint16_t> MergedSource::number_of(Input& input, const RawPacket& packet) {
    if (packet.interface >= input.source->interface_count()) {
        other_ = input.source->interface(packet.interface);
        return kNotCaptured;
    }
    if (input.numbers.size() <= packet.interface)
        input.numbers.resize(packet.interface + std::size_t{1}, kNotCaptured);
    std::uint16_t& number = input.numbers[packet.interface];
    if (number == kNotCaptured) {
        if (interfaces_.size() >= kNotCaptured) return std::nullopt;
        number = static_cast<std::uint16_t>(interfaces_.size());
        interfaces_.push_back(input.source->interface(packet.interface));
    }
    return number;
}

Result<std::size_t, UserError> MergedSource::next_batch(std::span<RawPacket> batch) {
    // Only now: the bytes that the last batch brought may go away.
    for (Input& input : inputs_)
        refill(input);
    std::size_t count = 0;
    while (count < batch.size()) {
        Input* first = nullptr;
        for (Input& input : inputs_) {
            if (input.ended) continue;
            if (input.at == input.end) return count;  // its next packet is not known yet
            if (first == nullptr || input.ahead[input.at].at < first->ahead[first->at].at) first = &input;
        }
        if (first == nullptr) break;
        RawPacket& packet = batch[count] = first->ahead[first->at];
        const auto number = number_of(*first, packet);
        if (!number) {
            error_ = UserError{"the captures describe more than 65535 interfaces", "", "merge fewer of them"};
            for (Input& input : inputs_)
                input.ended = true;
            break;
        }
        packet.interface = *number;
        link_type_ = packet.link_type;
        ++first->at;
        ++count;
    }
    if (count == 0 && error_) return failure(*error_);
    return count;
}

Result<std::optional<RawPacket>, UserError> MergedSource::next() {
    RawPacket packet;
    const auto count = next_batch(std::span(&packet, 1));
    if (!count) return failure(count.error());
    return *count == 0 ? std::optional<RawPacket>{} : std::optional<RawPacket>{packet};
}

const trace::Interface& MergedSource::interface(std::uint16_t number) const {
    return number < interfaces_.size() ? interfaces_[number] : other_;
}

bool MergedSource::has_nanoseconds() const {
    return std::any_of(inputs_.begin(), inputs_.end(),
                       [](const Input& input) { return input.source->has_nanoseconds(); });
}

bool MergedSource::keeps_bytes() const {
    return std::all_of(inputs_.begin(), inputs_.end(),
                       [](const Input& input) { return input.source->keeps_bytes(); });
}

bool MergedSource::repeatable() const {
    return std::all_of(inputs_.begin(), inputs_.end(),
                       [](const Input& input) { return input.source->repeatable(); });
}

CaptureCounters MergedSource::stats() const {
    CaptureCounters sum;
    for (const Input& input : inputs_) {
        const CaptureCounters one = input.source->stats();
        sum.received += one.received - (input.end - input.at);
        sum.dropped_by_kernel += one.dropped_by_kernel;
        sum.dropped_by_interface += one.dropped_by_interface;
    }
    return sum;
}

Result<std::unique_ptr<PacketSource>, UserError> open_captures(const std::vector<std::string>& paths) {
    std::vector<std::unique_ptr<PacketSource>> sources;
    for (const std::string& path : paths) {
        auto source = open_capture(path);
        if (!source) return source;
        sources.push_back(std::move(*source));
    }
    if (sources.size() == 1) return std::move(sources.front());
    return std::make_unique<MergedSource>(std::move(sources));
}

}  // namespace synscope::source
