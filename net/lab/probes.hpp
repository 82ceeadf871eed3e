#pragma once
// What works on this machine, and what to do about the rest: the findings of `synscope doctor`.
//
// Each probe tries the thing itself instead of guessing from version numbers. None changes anything. Texts
// are plain and not yet escaped (a path or $DISPLAY may occur in them). Thread rule: call in a process that
// has one thread; some fork.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace synscope::lab {

enum class ProbeStatus : std::uint8_t {
    Ok,
    Degraded,  ///< something else stands in for it; the finding says what
    Missing,
};
/// "ok", "degraded", "missing".
[[nodiscard]] std::string_view probe_status_name(ProbeStatus status) noexcept;

struct Probe {
    std::string name;  ///< "capture rights"
    ProbeStatus status = ProbeStatus::Ok;
    std::string finding;  ///< one sentence on what was found
    std::string remedy;   ///< what to do, where possible a command; empty when there is nothing to do
};

[[nodiscard]] Probe probe_capture_program(const std::string& capture_program);
/// Starts `capture_program` on `lo` and lets it open the interface. Without the right: degraded when
/// `user_namespaces` work (the lab captures in its own), else missing.
[[nodiscard]] Probe probe_capture_rights(const std::string& capture_program, bool user_namespaces);
[[nodiscard]] Probe probe_user_namespaces();
[[nodiscard]] Probe probe_tap();
[[nodiscard]] Probe probe_io_uring();
/// Connects to $WAYLAND_DISPLAY or $DISPLAY, and hangs up.
[[nodiscard]] Probe probe_display();
/// Asks fontconfig for a sans-serif and a Chinese font. A build without the window does not need them and
/// says so.
[[nodiscard]] Probe probe_fonts();

/// All of them, in the order in which a person should mend them.
[[nodiscard]] std::vector<Probe> run_probes();

}  // namespace synscope::lab
