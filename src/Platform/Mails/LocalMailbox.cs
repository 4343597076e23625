using Microsoft.Extensions.Options;
using Npgsql;

namespace Quitanda.Platform.Mails;

/// <summary>Keeps mails where a developer can read them. In the database and not in memory, so that every process shows the same.</summary>
internal sealed class LocalMailbox(Database database, IOptions<MailSettings> settings, TimeProvider clock) : IMailTransport
{
    private const string Columns = "id, template, locale, from_name, from_address, to_name, to_address, subject, text_body, html_body, created_at";

    /// <summary>A mail that was kept.</summary>
    internal sealed record Kept(
        Guid Id, string Template, string Locale, string FromName, string FromAddress, string ToName, string ToAddress, string Subject, string Text, string Html, DateTimeOffset CreatedAt);

    public async Task Send(OutgoingMail mail, CancellationToken ct)
    {
        await using var batch = database.Hot.CreateBatch();
        var insert = batch.CreateBatchCommand();
        insert.CommandText = $"insert into platform.mailbox ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (id) do nothing";
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = mail.Id });
        foreach (var text in (string[])[mail.Template, mail.Locale, mail.From.Name, mail.From.Address, mail.To.Name, mail.To.Address, mail.Subject, mail.Text, mail.Html])
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        batch.BatchCommands.Add(insert);

        var forget = batch.CreateBatchCommand();
        forget.CommandText = "delete from platform.mailbox where position <= (select position from platform.mailbox order by position desc offset $1 limit 1)";
        forget.Parameters.Add(new NpgsqlParameter<int> { TypedValue = settings.Value.MailboxSize });
        batch.BatchCommands.Add(forget);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Every mail, the newest first.</summary>
    public async Task<List<Kept>> All(CancellationToken ct)
    {
        await using var command = database.Hot.CreateCommand($"select {Columns} from platform.mailbox order by position desc");
        return await Read(command, ct);
    }

    public async Task<Kept?> Find(Guid id, CancellationToken ct)
    {
        await using var command = database.Hot.CreateCommand($"select {Columns} from platform.mailbox where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (await Read(command, ct)).FirstOrDefault();
    }

    private static async Task<List<Kept>> Read(NpgsqlCommand command, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<Kept> all = [];
        while (await reader.ReadAsync(ct))
            all.Add(new(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6),
                reader.GetString(7), reader.GetString(8), reader.GetString(9), reader.GetFieldValue<DateTimeOffset>(10)));
        return all;
    }
}
