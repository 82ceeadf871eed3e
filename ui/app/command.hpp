#pragma once
// How a command joins the program: it adds itself to the command line and says what to run.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted before the end (what was there by then is
// shown and written). A command reports a failure with report() and returns kFailed. Thread rule: main
// thread.

#include "net/base/result.hpp"
#include "ui/app/command_line.hpp"

namespace synscope::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kInterrupted = 130;  // as shells say it: 128 + SIGINT

void add_demo(Command& parent);
void add_sim(Command& parent);
void add_capture(Command& parent);
void add_open(Command& parent);
void add_analyze(Command& parent);
void add_bytes(Command& parent);
void add_follow(Command& parent);
void add_serve(Command& parent);
void add_load(Command& parent);
void add_compare(Command& parent);
void add_lists(Command& parent);
void add_doctor(Command& parent);
/// engine-host, client-host, lab-host, tap-host: the processes of a run; not for people, not in the help.
void add_hosts(Command& parent);

/// The window without a file; what `synscope` alone does.
int open_empty_window();

/// "synscope: what: where" and the hint on a line of its own, escaped, on standard error. Returns kFailed.
int report(const UserError& error);
/// An operating system error as a user reads it.
[[nodiscard]] UserError to_user_error(const OsError& error, std::string hint = {});

}  // namespace synscope::app
