#pragma once
// Turns the entries that EventSink has gathered into pcapng, in pieces, into a descriptor. Thread rule: one
// call at a time.

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/pcapng/event_pack.hpp"
#include "net/host/clock.hpp"
#include "net/host/event_entries.hpp"

namespace synscope::host {

class EventWriter {
  public:
    /// Writes what a stream begins with. False when nobody reads.
    [[nodiscard]] bool begin(int fd);
    /// `entries` hold the events from `first_id` on. False when nobody reads any more.
    [[nodiscard]] bool write(int fd, ByteSpan entries, std::uint32_t first_id, const PairedClock& clock);

  private:
    void expand(const EntryHead& head, ByteSpan entry);
    void begin_of(const engine::CallBegun& begun);
    void end_of(const engine::CallBegun& begun, const engine::CallEnded& ended, EventId beginning);
    void whole_call(const engine::CallBegun& begun, const engine::CallEnded& ended);
    void pack(const ShortCallEntry& call);
    void pack(const ReadyEntry& ready);
    /// Where the next record of a pack goes; there is room for it and a name of that many bytes.
    std::byte* pack_room(std::int64_t at_ns, std::size_t name = 0);
    void close_pack();
    [[nodiscard]] std::string_view name_of(const char* file) { return files_[file_name(file).value]; }
    template <class Body>
    void event(std::int64_t at_ns, std::optional<EventId> cause, const Body& body);
    TextId file_name(const char* file);
    /// Room for that many bytes behind what is in out_.
    std::byte* room(std::size_t bytes);
    bool hand_over(int fd);

    const PairedClock* clock_ = nullptr;  ///< of the write() that runs
    std::uint32_t next_id_ = 0;
    std::vector<std::byte> out_;  ///< never shrinks: growing it byte by byte would be most of the work
    std::size_t used_ = 0;        ///< of out_
    pcapng::PackWriter pack_;
    std::size_t pack_at_ = 0;  ///< in out_: where the pack begins, while it is open
    std::map<const char*, TextId> file_ids_;
    std::pair<const char*, TextId> last_file_{nullptr, {}};  ///< most calls come from the same few lines
    std::vector<std::string_view> files_;
};

}  // namespace synscope::host
