// SPDX-License-Identifier: Apache-2.0
package dev.mooring;

import org.jspecify.annotations.Nullable;

/**
 * What a server must have on disk before it answers a vote or an append (Raft, figure 2).
 *
 * @param currentTerm latest term the server has seen, from 0
 * @param votedFor candidate that received the vote in currentTerm, well-formed Unicode of at most 1 KiB in UTF-8; null:
 *     has not voted in it
 */
public record TermAndVote(long currentTerm, @Nullable String votedFor) {}
