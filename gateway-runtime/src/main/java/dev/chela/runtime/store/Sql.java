package dev.chela.runtime.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/// One database connection with the statements it has prepared. Used by one thread at a time.
final class Sql implements AutoCloseable {

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    /// Makes a value of a row.
    @FunctionalInterface
    interface Row<T> {

        T read(ResultSet row) throws SQLException;
    }

    Sql(Connection connection) {
        this.connection = connection;
    }

    /// Runs a statement that changes something.
    ///
    /// @return how many rows it changed
    int update(String sql, @Nullable Object... values) {
        try {
            return bound(sql, values).executeUpdate();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /// Runs a statement with values that are too large to stay bound until it is used again.
    void put(String sql, @Nullable Object... values) {
        try {
            PreparedStatement statement = bound(sql, values);
            try {
                statement.executeUpdate();
            } finally {
                statement.clearParameters();
            }
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /// Runs a query and reads all rows.
    <T> List<T> list(String sql, Row<T> reader, @Nullable Object... values) {
        try (ResultSet rows = bound(sql, values).executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /// Runs a query and reads its first row.
    <T> Optional<T> first(String sql, Row<T> reader, @Nullable Object... values) {
        return list(sql, reader, values).stream().findFirst();
    }

    /// Runs a query for one number.
    long number(String sql, @Nullable Object... values) {
        return first(sql, row -> row.getLong(1), values).orElse(0L);
    }

    /// Runs a statement that is used once.
    void run(String sql) {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    void begin() {
        run("BEGIN IMMEDIATE");
    }

    void commit() {
        run("COMMIT");
    }

    /// Rolls back if anything is open; called after failures, so its own do not count.
    void rollback() {
        try {
            run("ROLLBACK");
        } catch (StoreException e) {
            // SQLite has rolled back by itself
        }
    }

    private PreparedStatement bound(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    static StoreException failure(SQLException e) {
        return new StoreException("the store failed: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            for (PreparedStatement statement : prepared.values()) {
                statement.close();
            }
            connection.close();
        } catch (SQLException e) {
            throw failure(e);
        }
    }
}
