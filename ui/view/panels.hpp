#pragma once
// The panels of the window. Each is one file and one function: it draws what the workspace holds into the
// current ImGui window and puts what is asked for into the sink. None keeps state between frames.
// Thread rule: the thread of the window.

#include "ui/model/commands.hpp"
#include "ui/model/workspace.hpp"
#include "ui/view/canvas.hpp"

namespace synscope::view {

/// What is open, how it is going, and the buttons.
void draw_top_bar(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
/// Workspace::notice(), and a button that puts it away.
void draw_notice(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
void draw_connections(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
/// Draws Workspace::picture(): lay_out() must have been called with this panel's place (ladder_place).
void draw_ladder(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
void draw_inspector(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
/// The bytes of the selected packet; part of the inspector.
void draw_hex(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
void draw_sentences(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
void draw_status(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
/// What to do when nothing is open.
void draw_welcome(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);
/// The keys, over everything.
void draw_help(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink);

/// A panel's name along its upper edge; marked when the panel has the keyboard. Clicking anywhere in the
/// panel gives it the keyboard.
void draw_heading(const model::Workspace& workspace, const Canvas& canvas, model::CommandSink& sink,
                  model::Panel panel, std::string_view detail);

}  // namespace synscope::view
