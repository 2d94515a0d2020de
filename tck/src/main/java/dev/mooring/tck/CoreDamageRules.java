// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.RaftStorage;
import dev.mooring.spi.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.CRC32C;

/** DAMAGE, as the core keeps it on any file system: what a later version wrote is left alone. */
abstract class CoreDamageRules extends CoreRules {

    private static final String CHECKSUM = "crc32c=";

    CoreDamageRules(StorageTck kit) {
        super(kit);
    }

    @Verifies(Rule.DAMAGE_5)
    void aNewerFormatIsRefusedByNumber() throws IOException {
        RaftStorage storage = open();
        filled(storage, "g", 3, 1);
        storage.close();
        Path identity = storageDirectory().resolve("IDENTITY");
        byte[] before = Files.readAllBytes(identity);
        Files.write(identity, inFormat(4711, before));
        try (RaftStorage opened = RaftStorage.open(config())) {
            throw Check.fail("a directory of format 4711 opens, with the groups " + opened.groups());
        } catch (StorageException.Refused expected) {
            heard(expected);
            Check.that(
                    String.valueOf(expected.getMessage()).contains("4711"),
                    () -> "the refusal does not name the format 4711: " + expected.getMessage());
        }
        Files.write(identity, before);
        logIs(open().group("g"), 1, 3);
    }

    /** Each file says whose it is, or something that belongs to all of them does. */
    @Verifies(Rule.DAMAGE_3)
    void theFilesOfAnotherStorageAreRefused() throws IOException {
        Path directory = directory().resolve("another");
        BareStorage storage = BareStorage.create(plug(), directory);
        storage.saveEntries(1, List.of(Twin.updateOf("g", 0, 3, 1, 100)));
        storage.close();
        for (boolean endedCleanly : new boolean[] {true, false}) {
            try (BareStorage opened = BareStorage.open(plug(), directory, UUID.randomUUID(), 0, endedCleanly)) {
                throw Check.fail("the files of one storage open as those of another, with the groups "
                        + opened.loaded().groups().keySet());
            } catch (StorageException expected) {
                heard(expected);
            }
        }
        BareStorage.open(plug(), directory, storage.storageId(), 1, true).close();
    }

    /** The same with another number of the format; the last line is the checksum of all before it. */
    private static byte[] inFormat(int format, byte[] identity) {
        String text = new String(identity, StandardCharsets.US_ASCII);
        String body = text.substring(0, text.lastIndexOf(CHECKSUM)).replaceFirst("format=[0-9]+", "format=" + format);
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        return (body + CHECKSUM + String.format(Locale.ROOT, "%08x", crc.getValue()) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
