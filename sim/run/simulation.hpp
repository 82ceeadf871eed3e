#pragma once
// A scenario run in virtual time: the boxes, the programs on them, and a record of everything.
//
//   auto simulation = Simulation::make({scenario, seed, "handshake.yaml"}, recording);
//   while ((*simulation)->go_on(100'000)) ...            // so many steps; false once it is over
//   const auto ended = (*simulation)->outcome();
//
// Clients begin at time 0, or when the one they wait for has finished. The run is over when all clients have
// finished and every connection has come to rest (closed, in TIME-WAIT, or nothing on its way for kRest); or
// at the limit. Deterministic: the same scenario and seed record the same events, byte for byte. Ownership:
// the recording is the caller's. Thread rule: one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.hpp"
#include "sim/run/network.hpp"
#include "sim/run/recording.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

struct SimulationOptions {
    scenario::Scenario scenario;
    std::string file;             ///< the scenario's name: where calls come from
    std::string language = "en";  ///< of the narration; English where a text is missing
    Instant until{Duration::seconds(3600).ns};
    std::uint64_t most_events = 5'000'000;
    std::optional<std::uint64_t> shuffle_seed{};  ///< a test mode: scheduler.hpp
    /// A host whose place somebody outside takes: the scenario's programs on it are left to him.
    std::optional<std::string> outside{};
};

/// How far a run has come.
struct Progress {
    Instant now;
    std::uint64_t packets = 0;
    std::uint64_t events = 0;
};

class Simulation {
  public:
    /// How long a connection that nobody closes is watched after the last client has finished.
    static constexpr Duration kRest = Duration::seconds(10);

    /// Fails when the scenario asks for what the simulator does not have, or its boxes do not fit together.
    [[nodiscard]] static Result<std::unique_ptr<Simulation>, UserError> make(SimulationOptions options,
                                                                             Recording& out);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    /// Does up to so many steps; false when there is nothing more to do.
    bool go_on(std::uint64_t steps);
    /// Does everything that is due by `end`, where the clock then stands; false when a limit was reached. For
    /// whoever keeps virtual time beside a clock on the wall: clients may finish, the run goes on.
    bool run_until(Instant end);
    /// When there is something to do next, if ever.
    [[nodiscard]] std::optional<Instant> next_time();

    // ---- with SimulationOptions::outside
    [[nodiscard]] const OutsideEnd& outside() const noexcept;
    /// A frame from outside arrives now; what is shorter than an Ethernet header is ignored.
    void inject(ByteSpan frame);
    /// Frames for outside, oldest first: clear it when drained.
    [[nodiscard]] std::vector<Payload>& left();

    /// Where the scenario's servers listen by now.
    [[nodiscard]] std::vector<Endpoint> servers() const;
    [[nodiscard]] Progress progress() const;
    /// What went wrong first: a step of a script that failed, or a limit that was reached.
    [[nodiscard]] const Result<void, UserError>& outcome() const noexcept;

  private:
    struct Impl;
    explicit Simulation(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::sim
