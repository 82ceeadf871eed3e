#pragma once
// Captures from files and standard input: pcap in all its magics (micro- and nanoseconds, both byte orders,
// the modified headers), pcapng, snoop and ERF, each also compressed by gzip or zstd.
//
// A regular file is mapped and its packets are never copied, or read piece by piece where one pass over the
// headers is all that is wanted (Access); pipes are read as they come and compressed files through a window.
// A file that is cut or corrupt gives what can be read, and the reason with its byte offset
// beside it; so does a mapped file that another program truncates. Thread rule: one thread per source;
// load_capture writes the store as its one writer.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/source/byte_feed.hpp"
#include "capture/source/packet_source.hpp"
#include "capture/trace/session.hpp"
#include "capture/trace/store.hpp"

namespace synscope::source {

enum class FileFormat : std::uint8_t { Pcap, Pcapng, Snoop, Erf };

/// Opens `path` ("-" for standard input) as a source of packets. Spans of a mapped file live as long as the
/// source.
[[nodiscard]] Result<std::unique_ptr<PacketSource>, UserError> open_capture(const std::string& path);
/// The same with another name for messages, where the path says nothing to a user.
[[nodiscard]] Result<std::unique_ptr<PacketSource>, UserError> open_capture_as(const std::string& path,
                                                                               const std::string& name,
                                                                               Access access);

/// The same of bytes that are open already. `name` is for messages.
[[nodiscard]] Result<std::unique_ptr<PacketSource>, UserError> open_capture(std::unique_ptr<ByteFeed> feed,
                                                                            const std::string& name);

/// What load_capture found.
struct LoadReport {
    FileFormat format = FileFormat::Pcap;
    std::uint64_t packets = 0;
    /// Where reading stopped early, and why; what came before is in the store.
    std::optional<UserError> damage;
    /// pcapng only: events, unknown blocks, packets that events name and that are gone.
    trace::SessionSummary session;
};

/// Reads all of `path` ("-" for standard input) into `store`: a session keeps its events, every packet of a
/// foreign capture becomes a PacketCaptured event. Fails when it cannot be opened or is no capture at all.
[[nodiscard]] Result<LoadReport, UserError> load_capture(const std::string& path, trace::Store& store);

/// The same of bytes that are open already. `name` is for messages.
[[nodiscard]] Result<LoadReport, UserError> load_feed(std::unique_ptr<ByteFeed> feed, const std::string& name,
                                                      trace::Store& store);

/// Several captures merged by time, packets only: the events of a session among them are left out, for the
/// clocks and numbers of two sessions have nothing in common. Of one path: load_capture.
[[nodiscard]] Result<LoadReport, UserError> load_captures(const std::vector<std::string>& paths,
                                                          trace::Store& store);

}  // namespace synscope::source
