#pragma once
// The analysis of a whole capture by several threads: what PacketRun finds out about connections, sooner.
//
// Every thread reads all of the capture and looks at every header, which is cheap; it judges only the
// connections that fall to it. Nothing is shared while they run, so nothing waits. Connections get their
// numbers in order of their first packets, so that the result does not depend on the number of threads.
// Thread rule: run() returns when all its threads have ended; the result belongs to one thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "capture/analyze/packet_run.hpp"

namespace synscope::analyze {

class ShardedRun {
  public:
    /// Opens the capture from its start; called once per thread, by the caller's, which is also the one
    /// that reads the first.
    using Open = std::function<Result<std::unique_ptr<source::PacketSource>, UserError>()>;
    /// Called now and then in the caller's thread with the packets read so far.
    using Progress = std::function<void(std::uint64_t packets)>;

    /// With one shard, and for captures that are not repeatable(), everything is done in the caller's thread.
    /// Damage further on is in the result.
    [[nodiscard]] static Result<ShardedRun, UserError> run(const Open& open, const source::BpfFilter& filter,
                                                           std::uint32_t shards, const Progress& progress);

    [[nodiscard]] const source::PacketSource& source() const noexcept { return *parts_.front().source; }
    [[nodiscard]] std::uint64_t packets_read() const noexcept { return parts_.front().run->packets_read(); }
    [[nodiscard]] const Totals& totals() const noexcept { return parts_.front().run->totals(); }
    [[nodiscard]] const std::optional<UserError>& damage() const noexcept { return parts_.front().damage; }
    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
    [[nodiscard]] track::ConnectionFacts connection(ConnectionId id) const;
    /// Analyzer::settle(), for the verdict of a run that reads the capture again.
    [[nodiscard]] std::uint8_t settle(const wire::TcpSegment& segment,
                                      track::Verdict& verdict) const noexcept;

  private:
    struct Part {
        std::unique_ptr<source::PacketSource> source;
        std::unique_ptr<PacketRun> run;
        std::optional<UserError> damage;
        void read(const Progress* progress);
    };
    /// Where a connection is: whose it is, and its number there.
    struct Place {
        std::uint32_t part = 0;
        ConnectionId id;
    };
    void put_in_order();

    std::vector<Part> parts_;
    std::vector<Place> order_;
};

}  // namespace synscope::analyze
