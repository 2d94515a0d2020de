// SPDX-License-Identifier: Apache-2.0
/**
 * The backend {@code rocksdb}: all groups in one RocksDB. For logs far larger than memory beside a RocksDB that an
 * application has anyway; it gives up the speed of a log that is nothing but a log.
 */
@NullMarked
package dev.mooring.rocksdb;

import org.jspecify.annotations.NullMarked;
