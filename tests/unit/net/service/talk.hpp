#pragma once
// A service spoken to through conversations, without a socket: what a client would get. Files and commands
// are those of FakeHost.

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/service/conversation.hpp"

namespace synscope::service {

inline ByteSpan as_bytes(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
inline std::string as_text(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What surrounds all conversations of a service: messages between them, files in memory, no commands.
class FakeHost {
  public:
    class Talk;

    explicit FakeHost(std::string_view service, std::string_view framing = "none")
        : service_(find_service(service)->make()), framing_(*framing::find_framing(framing)) {}

    Talk& connect();
    /// The connection is gone without a word.
    void vanish(Talk& talk);
    /// What the host would keep of the file that it writes.
    static std::string part_of(const Talk& talk);
    [[nodiscard]] const framing::FramingInfo& framing() const { return framing_; }

    std::vector<std::string> notes;
    std::map<std::string, std::string> files;  ///< below the root; "x/" marks a folder x
    std::map<std::string, std::string> parts;  ///< of files that may be resumed
    std::optional<Refusal> refuse_files;       ///< to open one for writing
    std::optional<Refusal> refuse_bytes;       ///< to append
    std::map<std::uint64_t, Refusal> deaf;     ///< connections that take no messages

  private:
    friend class Talk;
    std::unique_ptr<Service> service_;
    const framing::FramingInfo& framing_;
    std::vector<std::unique_ptr<Talk>> talks_;
    std::uint64_t next_key_ = 1;
};

class FakeHost::Talk final : private Surroundings {
  public:
    Talk(FakeHost& host, ConnectionKey key) : host_(host), key_(key), talk_(key, host.framing_, *this) {
        talk_.begin(host.service_->open(key, {}));
    }
    Talk(const Talk&) = delete;
    Talk& operator=(const Talk&) = delete;

    /// These bytes arrive; what the service says to it, and to others, is in said().
    void hear(std::string_view bytes) {
        const std::string own{bytes};
        talk_.feed(as_bytes(own));
        while (talk_.next())
            talk_.answer();
    }
    void eof() { talk_.eof(); }
    /// Reads everything there is to read, as a peer that keeps up.
    std::string said() {
        std::string out;
        while (talk_.wants_to_write()) {
            out += as_text(talk_.output());
            talk_.sent(talk_.output().size());
            if (talk_.can_go_on()) talk_.go_on();
        }
        return out;
    }
    /// Reads so much and not more.
    std::string said(std::size_t most) {
        const ByteSpan output = talk_.output();
        const std::string out = as_text(output.first(std::min(most, output.size())));
        talk_.sent(out.size());
        if (talk_.can_go_on()) talk_.go_on();
        return out;
    }
    /// A request and its answer.
    std::string ask(std::string_view bytes) {
        hear(bytes);
        return said();
    }
    [[nodiscard]] std::size_t open_files() const { return open_.size(); }
    /// Nothing more will be said.
    [[nodiscard]] bool ends() const { return talk_.wants_to_close() || talk_.wants_half_close(); }
    [[nodiscard]] bool closes() const { return talk_.wants_to_close(); }
    [[nodiscard]] Conversation& conversation() { return talk_; }

  private:
    friend class FakeHost;
    void framed_out(const framing::Placed&) override {}
    void broken(const framing::FrameError& error) override {
        host_.notes.push_back(framing::fault_text(error));
    }
    std::optional<Refusal> send_to(ConnectionKey to, ByteSpan message) override {
        if (const auto refusal = host_.deaf.find(to.value); refusal != host_.deaf.end())
            return refusal->second;
        for (const auto& other : host_.talks_)
            if (other->key_ == to) {
                other->talk_.reply(message);
                return std::nullopt;
            }
        return Refusal::NotFound;
    }
    static EffectResult refused(RequestId request, Refusal why = Refusal::NotAllowed) {
        return {request, Refused{why, 0}};
    }
    EffectResult open_file(const OpenFile& r) override {
        if (r.mode != FileMode::Read) return create(r);
        if (r.path.starts_with('/') || r.path.find("..") != std::string::npos)
            return refused(r.request, Refusal::OutsideRoot);
        if (host_.files.count(r.path + '/') > 0) return refused(r.request);
        const auto found = host_.files.find(r.path);
        if (found == host_.files.end()) return refused(r.request, Refusal::NotFound);
        open_[++last_file_] = found->second;
        return {r.request, FileOpened{FileId{last_file_}, found->second.size(), 1'700'000'000'000'000'000}};
    }
    EffectResult read_file(const ReadFile& r) override {
        const auto found = open_.find(r.file.value);
        if (found == open_.end()) return refused(r.request, Refusal::UnknownFile);
        piece_ = found->second.substr(std::min<std::size_t>(r.offset, found->second.size()), r.length);
        return {r.request, FileRead{as_bytes(piece_)}};
    }
    EffectResult create(const OpenFile& r) {
        if (host_.refuse_files) return refused(r.request, *host_.refuse_files);
        if (r.path.starts_with('/') || r.path.find("..") != std::string::npos)
            return refused(r.request, Refusal::OutsideRoot);
        const std::string part = r.mode == FileMode::Resume ? r.path + '.' + r.token : std::string{};
        writing_[++last_file_] = {r.path, part};
        open_[last_file_] = part.empty() ? std::string{} : host_.parts[part];
        return {r.request, FileOpened{FileId{last_file_}, open_[last_file_].size()}};
    }
    EffectResult append_file(const AppendFile& r, ByteSpan bytes) override {
        if (host_.refuse_bytes) return refused(r.request, *host_.refuse_bytes);
        open_[r.file.value] += as_text(bytes);
        return {r.request, FileAppended{}};
    }
    EffectResult commit_file(const CommitFile& r) override {
        host_.files[writing_[r.file.value].path] = open_[r.file.value];
        close_file({r.file, true});
        return {r.request, FileCommitted{}};
    }
    void close_file(const CloseFile& r) override {
        if (const std::string& part = writing_[r.file.value].part; !part.empty()) {
            host_.parts[part] = open_[r.file.value];
            if (r.discard) host_.parts.erase(part);
        }
        open_.erase(r.file.value);
    }
    EffectResult list_folder(const ListFolder& r) override {
        if (r.path.starts_with('/') || r.path.find("..") != std::string::npos)
            return refused(r.request, Refusal::OutsideRoot);
        const std::string folder = r.path.empty() || r.path.ends_with('/') ? r.path : r.path + '/';
        if (!folder.empty() && host_.files.count(folder) == 0) return refused(r.request, Refusal::NotFound);
        FolderListed out;
        for (const auto& [path, content] : host_.files) {
            if (!path.starts_with(folder) || path == folder || path[folder.size()] == '.') continue;
            std::string name = path.substr(folder.size());
            const bool is_folder = name.ends_with('/');
            if (is_folder) name.pop_back();
            if (name.find('/') != std::string::npos) continue;  // further below
            out.more = out.entries.size() >= r.most;
            if (out.more) break;
            out.entries.push_back({name, is_folder, content.size()});
        }
        return {r.request, std::move(out)};
    }
    EffectResult run_command(const RunCommand& r) override {
        if (r.command == 1) return refused(r.request, Refusal::Failed);
        output_ = "ran " + std::to_string(r.command) + '\n';
        return {r.request, CommandEnded{r.command == 2 ? 1 : 0, as_bytes(output_), r.command == 3}};
    }

    FakeHost& host_;
    ConnectionKey key_;
    std::map<std::uint32_t, std::string> open_;
    struct Writing {
        std::string path;
        std::string part;  ///< where what is there stays, of a file to be resumed
    };
    std::map<std::uint32_t, Writing> writing_;
    std::uint32_t last_file_ = 0;
    std::string piece_;
    std::string output_;
    Conversation talk_;
};

inline FakeHost::Talk& FakeHost::connect() {
    return *talks_.emplace_back(std::make_unique<Talk>(*this, ConnectionKey{next_key_++}));
}
inline std::string FakeHost::part_of(const Talk& talk) {
    return talk.open_.empty() ? std::string{} : talk.open_.rbegin()->second;
}
inline void FakeHost::vanish(Talk& talk) {
    for (const auto& [id, writing] : talk.writing_)
        if (!writing.part.empty() && talk.open_.count(id) > 0) parts[writing.part] = talk.open_[id];
    std::erase_if(talks_, [&](const auto& one) { return one.get() == &talk; });
}

}  // namespace synscope::service
