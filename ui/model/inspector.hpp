#pragma once
// Everything about one event, as rows of nested boxes: what the inspector shows beside the ladder.
//
// First what it means and how it hangs together with other events (which call wrote these bytes, which one
// read them), then the layers of a packet or the arguments and result of a call, and what the kernel said.
// Rows of a packet's layers name their bytes, so that the hex pane and the fields point at each other.
// All texts are escaped for a window. Cost: one packet, plus the byte lists of its connection. Thread rule:
// pure; `bytes` lives as long as the source.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/track/tracker.hpp"
#include "ui/model/explain.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

enum class InspectorRowKind : std::uint8_t {
    Box,      ///< opens a box: a layer, a call, a sample
    Field,    ///< name and value
    Link,     ///< leads to another event
    Warning,  ///< malformed, or worth looking at
};
struct InspectorRow {
    InspectorRowKind kind = InspectorRowKind::Field;
    std::uint8_t depth = 0;
    std::string name;
    std::string value;
    std::string meaning;             ///< a sentence, for a tooltip; may be empty
    std::optional<ByteRange> bytes;  ///< of the frame
    std::optional<EventId> link;
};

struct Inspector {
    EventId event;
    Instant at;
    Explanation head;
    std::vector<InspectorRow> rows;
    ByteSpan bytes;  ///< of the frame; empty for anything but packets
    std::uint32_t original_length = 0;
};

/// `start` is the moment that times count from.
[[nodiscard]] Inspector inspect(const TraceSource& source, const track::Tracker& tracker, EventId event,
                                Instant start);

/// The innermost row that names the byte at `offset`.
[[nodiscard]] std::optional<std::size_t> row_at(const Inspector& inspector, std::size_t offset) noexcept;

/// Collects rows; the parts of the inspector (packets, calls, samples) write through it.
class RowWriter {
  public:
    explicit RowWriter(std::vector<InspectorRow>& rows) : rows_(rows) {}
    void box(std::string name, std::string value = {});
    void field(std::string name, std::string value, std::string meaning = {}, std::uint8_t depth = 1);
    void link(std::string name, std::string value, EventId to);
    void warning(std::string text, std::optional<ByteRange> bytes = {});
    void add(InspectorRow row) { rows_.push_back(std::move(row)); }

  private:
    std::vector<InspectorRow>& rows_;
};

/// The parts, by what the event is.
void inspect_packet(const TraceSource& source, const track::Tracker& tracker, const Event& event,
                    PacketId packet, Instant start, RowWriter& out);
void inspect_call(const TraceSource& source, const track::Tracker& tracker, const Event& entered,
                  Instant start, RowWriter& out);
void inspect_sample(const KernelSample& sample, RowWriter& out);
void inspect_message(const TraceSource& source, const track::Tracker& tracker, const Event& event,
                     const MessageFramed& message, RowWriter& out);

}  // namespace synscope::model
