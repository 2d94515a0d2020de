// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import dev.mooring.spi.StorageProvider;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The whole kit for one backend: extend it, say which provider, and run it with JUnit 5.
 *
 * <pre>{@code
 * class MyBackendTckTest extends StorageTck {
 *     @Override
 *     public StorageProvider provider() {
 *         return new MyStorageProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>Each nested class checks one family of rules; a failure is a {@link RuleViolation}. What the backend does not claim
 * ({@link StorageProvider#guarantees}) is skipped as <em>not claimed</em>, what can not be checked here as <em>not
 * run</em>, each with its reason; neither counts as held. After a run, {@code target/mooring-tck} holds a report.
 *
 * <p>System properties: {@code mooring.tck.seed} repeats a run, {@code mooring.tck.quick} makes every check, but
 * with a quarter of the random cases and an eighth of the crash states, {@code mooring.tck.exhaustive} ten times as many
 * cases and forty times as many states, {@code mooring.tck.directory} is where data directories are made (choose a real
 * disk) and {@code mooring.tck.report} where the report goes.
 */
@ExtendWith(ReportExtension.class)
public abstract class StorageTck {

    /** For subclasses. */
    protected StorageTck() {}

    /** {@return the backend under test; a new provider at every call, or always the same one} */
    public abstract StorageProvider provider();

    /**
     * {@return options to open it with, as in {@code mooring.<backend>.<name>}; the defaults if there are none} Set
     * what makes files small, so that the checks reach the second and third one. Write one subclass for each set of
     * options worth testing.
     */
    public Map<String, String> options() {
        return Map.of();
    }

    final Plug plug() {
        return new Plug(provider(), options());
    }

    final Settings settings() {
        return Settings.current();
    }

    @Nested
    class Prov extends ProvRules {
        Prov() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Life extends LifeRules {
        Life() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Log extends LogRules {
        Log() {
            super(StorageTck.this);
        }
    }

    @Nested
    class CoreLog extends CoreLogRules {
        CoreLog() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Read extends ReadRules {
        Read() {
            super(StorageTck.this);
        }
    }

    @Nested
    class State extends StateRules {
        State() {
            super(StorageTck.this);
        }
    }

    @Nested
    class CoreState extends CoreStateRules {
        CoreState() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Snap extends SnapRules {
        Snap() {
            super(StorageTck.this);
        }
    }

    @Nested
    class CoreSnap extends CoreSnapRules {
        CoreSnap() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Rel extends RelRules {
        Rel() {
            super(StorageTck.this);
        }
    }

    @Nested
    class CoreRel extends CoreRelRules {
        CoreRel() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Group extends GroupRules {
        Group() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Model extends ModelRules {
        Model() {
            super(StorageTck.this);
        }
    }

    @Nested
    class CoreModel extends CoreModelRules {
        CoreModel() {
            super(StorageTck.this);
        }
    }

    @Nested
    class Crash extends CrashRules {
        Crash() {
            super(StorageTck.this);
        }
    }

    @Nested
    class PowerCut extends PowerCutRules {
        PowerCut() {
            super(StorageTck.this);
        }
    }

    @Nested
    class DiskFault extends DiskFaultRules {
        DiskFault() {
            super(StorageTck.this);
        }
    }

    @Nested
    class DiskDamage extends DiskDamageRules {
        DiskDamage() {
            super(StorageTck.this);
        }
    }

    @Nested
    class CoreDamage extends CoreDamageRules {
        CoreDamage() {
            super(StorageTck.this);
        }
    }
}
