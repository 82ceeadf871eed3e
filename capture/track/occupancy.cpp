#include <algorithm>

#include "capture/track/provenance.hpp"

namespace synscope::track {

namespace {

/// How the bytes in each place change at one moment.
struct Step {
    Instant at;
    std::int64_t send_queue = 0;
    std::int64_t flight = 0;
    std::int64_t receive_queue = 0;
};

std::optional<Instant> earliest(std::optional<Instant> a, std::optional<Instant> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

/// When one run of bytes was written, sent, acknowledged, and read. Evidence of a later station proves the
/// earlier ones: what was acknowledged had been sent.
struct Journey {
    std::optional<Instant> written;
    std::optional<Instant> sent;
    std::optional<Instant> acked;
    std::optional<Instant> read;

    Journey(const Connection& connection, const ByteRun& run) {
        if (run.acknowledged) acked = connection.segments[*run.acknowledged].at;
        if (run.read) read = connection.calls[*run.read].returned_at;
        if (!run.segments.empty()) sent = connection.segments[run.segments.front()].at;
        sent = earliest(sent, acked);
        if (run.write) written = connection.calls[*run.write].returned_at;
        written = earliest(written, sent);
    }
};

}  // namespace

std::vector<Occupancy> occupancy(const Connection& connection, Direction direction) {
    const Side receiver = other(sender_of(direction));
    const bool reader_known =
        (receiver == Side::Client ? connection.client_socket : connection.server_socket).has_value();
    std::vector<Step> steps;
    // In order: a byte is there for the reader once everything before it has come as well.
    std::optional<Instant> all_arrived = connection.first_at;
    for (const ByteRun& run : provenance(connection, direction)) {
        const auto size = static_cast<std::int64_t>(run.bytes.size());
        const Journey journey(connection, run);
        if (journey.written) steps.push_back({*journey.written, size, 0, 0});
        if (journey.sent) steps.push_back({*journey.sent, 0, size, 0});
        if (journey.acked) steps.push_back({*journey.acked, -size, -size, 0});
        if (!journey.sent) all_arrived.reset();
        if (all_arrived) all_arrived = std::max(*all_arrived, *journey.sent);
        if (!reader_known) continue;
        const auto arrived = earliest(all_arrived, journey.read);
        if (arrived) steps.push_back({*arrived, 0, 0, size});
        if (journey.read) steps.push_back({*journey.read, 0, 0, -size});
    }
    std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
    std::vector<Occupancy> result;
    Step now;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        now.send_queue += steps[i].send_queue;
        now.flight += steps[i].flight;
        now.receive_queue += steps[i].receive_queue;
        if (i + 1 < steps.size() && steps[i + 1].at == steps[i].at) continue;
        const Occupancy entry{steps[i].at, static_cast<std::uint64_t>(now.send_queue),
                              static_cast<std::uint64_t>(now.flight),
                              static_cast<std::uint64_t>(now.receive_queue)};
        const bool same = result.empty()
                              ? entry.send_queue == 0 && entry.flight == 0 && entry.receive_queue == 0
                              : entry.send_queue == result.back().send_queue &&
                                    entry.flight == result.back().flight &&
                                    entry.receive_queue == result.back().receive_queue;
        if (!same) result.push_back(entry);
    }
    return result;
}

}  // namespace synscope::track
