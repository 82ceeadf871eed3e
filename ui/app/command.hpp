#pragma once
// How a command joins the program: it adds its subcommand to the parser and, when chosen, says what to run.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted before the end (what was there by then is
// shown and written). A command reports a failure with report() and returns kFailed. Thread rule: main
// thread.

#include <CLI/CLI.hpp>
#include <functional>

#include "net/base/result.hpp"

namespace synscope::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kInterrupted = 130;  // as shells say it: 128 + SIGINT

/// What the command line asked for; set by the chosen subcommand while parsing.
using Action = std::function<int()>;

void add_demo(CLI::App& app, Action& chosen);
void add_sim(CLI::App& app, Action& chosen);
void add_capture(CLI::App& app, Action& chosen);
void add_open(CLI::App& app, Action& chosen);
void add_analyze(CLI::App& app, Action& chosen);
void add_bytes(CLI::App& app, Action& chosen);
void add_follow(CLI::App& app, Action& chosen);
void add_serve(CLI::App& app, Action& chosen);
void add_lists(CLI::App& app, Action& chosen);
void add_doctor(CLI::App& app, Action& chosen);
/// engine-host, client-host, lab-host, tap-host: the processes of a run; not for people, not in the help.
void add_hosts(CLI::App& app, Action& chosen);

/// The window without a file; what `synscope` alone does.
int open_empty_window();

/// "synscope: what: where" and the hint on a line of its own, escaped, on standard error. Returns kFailed.
int report(const UserError& error);
/// An operating system error as a user reads it.
[[nodiscard]] UserError to_user_error(const OsError& error, std::string hint = {});

}  // namespace synscope::app
