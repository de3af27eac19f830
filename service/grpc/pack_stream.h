// PackService's streams: a pack that comes in pieces, and one that goes out in pieces.
#pragma once

#include "service/grpc/call.h"
#include "winnow/v1/pack_service.pb.h"

namespace winnow::rpc {

grpc::ServerReadReactor<grpc::ByteBuffer>* NewUploadPack(const Runtime* runtime,
                                                         grpc::CallbackServerContext* context,
                                                         grpc::ByteBuffer* out);
grpc::ServerWriteReactor<grpc::ByteBuffer>* NewDownloadPack(const Runtime* runtime,
                                                            grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* in);

// Who calls. FIELD_INVALID when what it says is too long.
absl::StatusOr<domain::Actor> ReadActor(const v1::Actor& in,
                                        const grpc::CallbackServerContext& context,
                                        std::string_view field);
// `channels`: those in use.
void PrintPackRevision(const domain::ArchivedPack& pack,
                       const std::vector<domain::ChannelState>& channels, v1::PackRevision* out);
void PrintActor(const domain::Actor& actor, v1::Actor* out);
void PrintRelease(const pack::Release& release, v1::PackRelease* out);

}  // namespace winnow::rpc
