using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Quitanda.Platform.OpenApi;

/// <summary>An example for every schema: what a member's name makes one expect, within what its schema allows.</summary>
internal sealed class Examples(IReadOnlyDictionary<string, IOpenApiSchema> schemas)
{
    /// <summary>A type within itself is shown this deep and no deeper.</summary>
    private const int DepthAtMost = 8;

    private const string Id = "0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77";
    private const string Token = "kR3vX9mQ2tLw8ZpY5nBc7HsJ4dFgA6eU";

    /// <summary>A browser's key, as RFC 8291 has one in its appendix A.</summary>
    private const string PushKey = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    private const string Wallet = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";

    private const string WalletMessage =
        $"loja.example.com wants you to sign in with your Ethereum account:\n{Wallet}\n\nSign in with this wallet. It costs nothing and sends no transaction.\n\n" +
        "URI: https://loja.example.com/\nVersion: 1\nChain ID: 1\nNonce: kR3vX9mQ2tLw8ZpY5nBc7H\nIssued At: 2026-03-04T15:00:00.000Z\nExpiration Time: 2026-03-04T15:05:00.000Z";

    /// <summary>What a member is called, in lower case, and what it holds. The longest ending of a name that is known wins.</summary>
    private static readonly (string Ending, string Value)[] Words =
    [
        .. new (string Ending, string Value)[]
        {
            ("email", "ana.souza@example.com"), ("username", "ana_souza"), ("firstname", "Ana"), ("lastname", "Souza"), ("password", "girassol-no-quintal-7"),
            ("phone", "+5511987654321"), ("locale", "pt-BR"), ("timezone", "America/Sao_Paulo"), ("currency", "BRL"), ("token", Token), ("secret", Token),
            ("street", "Rua Augusta"), ("number", "1508"), ("complement", "Apto 42"), ("neighborhood", "Consolação"), ("city", "São Paulo"), ("state", "SP"),
            ("postalcode", "01304-001"), ("country", "BR"), ("label", "Casa"), ("slug", "coxinha-de-frango"), ("name", "Coxinha de frango"),
            ("description", "Massa de batata, frango desfiado e catupiry."), ("title", "Coxinha de frango"), ("notes", "Sem cebola, por favor."),
            ("content", "Toda coxinha daqui **começa cedo**."), ("html", "<p>Toda coxinha daqui <strong>começa cedo</strong>.</p>"), ("excerpt", "Toda coxinha daqui começa cedo."),
            ("comment", "Chegou quente e crocante."), ("reason", "O cliente pediu."), ("search", "coxinha"), ("q", "coxinha"), ("category", "salgados"),
            ("tag", "vegetariano"), ("tags", "vegetariano"), ("allergens", "gluten"), ("sort", "-createdAt"), ("after", "WyItY3JlYXRlZEF0IiwiMjAyNiJd"), ("next", "WyItY3JlYXRlZEF0IiwiMjAyNiJd"),
            ("couponcode", "COXINHA10"), ("code", "COXINHA10"), ("failurecode", "card_declined"), ("provider", "sandbox"), ("method", "card"), ("carrier", "Correios"), ("trackingcode", "BR123456785BR"),
            ("contenttype", "image/jpeg"), ("sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), ("signature", Token), ("file", "coxinha.jpg"),
            ("url", "https://loja.example.com/pedidos"), ("uri", "https://loja.example.com/pedidos"), ("website", "https://ana.example.com"), ("servingsize", "1 unidade (100 g)"),
            ("ip", "203.0.113.7"), ("device", "Firefox em Linux"), ("useragent", "Firefox em Linux"), ("tokentype", "Bearer"), ("version", "0.1.0"), ("status", "ok"),
            ("database", "ok"), ("migrations", "current"), ("type", "urn:quitanda:problem:conflict"), ("instance", "/api/v1/orders"), ("traceid", "4bf92f3577b34da6a3ce929d0e0e4736"),
            ("detail", "The request conflicts with what is already there."), ("day", "monday"), ("opens", "09:00"), ("closes", "22:00"), ("qrcode", "00020126580014br.gov.bcb.pix"),
            ("returnto", "/checkout"), ("codechallenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("codeverifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), ("secondfactorcode", "123456"),
            ("iss", "https://accounts.google.com"), ("error", "access_denied"), ("lasterror", "The provider did not answer."),
            ("scopes", "orders:read"), ("qrsvg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), ("recoverycodes", "k7mq-x2pn-9ahd-w4tc"), ("prefix", "qk_kR3vX9mQ"),
            ("challenge", Token), ("clientdatajson", Token), ("attestationobject", Token), ("authenticatordata", Token), ("userhandle", Token), ("transports", "internal"),
            ("residentkey", "required"), ("userverification", "required"), ("attestation", "none"), ("displayname", "Ana Souza"),
            ("kind", "order.confirmed"), ("endpoint", "https://push.example.com/send/kR3vX9mQ2tLw8ZpY5nBc7HsJ4dFgA6eU"), ("auth", "BTBZMqHH6r4Tts7J_aSIgg"),
            ("p256dh", PushKey), ("publickey", PushKey), ("from", "22:00"), ("until", "07:00"),
        }.OrderByDescending(word => word.Ending.Length),
    ];

    private static readonly (string Ending, long Value)[] Numbers =
    [
        .. new (string Ending, long Value)[]
        {
            ("amount", 1290), ("quantity", 2), ("stock", 25), ("rating", 5), ("page", 1), ("limit", 20), ("total", 42), ("totalpages", 3), ("expiresin", 900),
            ("calories", 310), ("protein", 12), ("carbohydrates", 28), ("fat", 16), ("sodium", 540), ("position", 1), ("status", 409), ("number", 1042), ("min", 0), ("max", 3),
            ("percent", 10), ("installments", 1), ("version", 1), ("minprice", 500), ("maxprice", 5000), ("line", 3), ("joblagseconds", 0), ("size", 81_234), ("width", 1200), ("height", 800), ("expires", 1_772_637_300),
        }.OrderByDescending(word => word.Ending.Length),
    ];

    /// <summary>Tried in turn where a pattern refuses what the name suggests.</summary>
    private static readonly string[] Candidates =
    [
        "BRL", "BR", "SP", "pt-BR", "abc", "coxinha-de-frango", "COXINHA10", "09:00", "123456", "01304001", "01304-001", "+5511987654321", "a1b2c3", "ana_souza", "1", Token, Id,
        "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        Wallet, "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
    ];

    /// <summary>An example of what <paramref name="schema"/> describes.</summary>
    /// <param name="schema">Any schema of the document.</param>
    /// <param name="name">The member or parameter that holds it; of a body, its schema's id.</param>
    public JsonNode? Of(IOpenApiSchema schema, string name) => Of(schema, name, owner: name, depth: 0);

    private JsonNode? Of(IOpenApiSchema schema, string name, string owner, int depth)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } id })
            return Of(schemas[id], name, id, depth);
        if (schema.OneOf is [var first, ..])
            return depth > DepthAtMost ? null : Of(first, name, owner, depth);
        if (schema.Default is { } value)
            return value.DeepClone();
        if (schema.Enum is [{ } one, ..])
            return one.DeepClone();

        var type = schema.Type ?? JsonSchemaType.Object;
        if (type.HasFlag(JsonSchemaType.Null) && depth > DepthAtMost)
            return null;
        if (type.HasFlag(JsonSchemaType.Array))
            return ArrayOf(schema, name, owner, depth);
        if (type.HasFlag(JsonSchemaType.Object))
            return ObjectOf(schema, name, owner, depth);
        if (type.HasFlag(JsonSchemaType.Boolean))
            return JsonValue.Create(!name.StartsWith("hasNext", StringComparison.Ordinal));
        if (type.HasFlag(JsonSchemaType.Integer))
            return JsonValue.Create(Whole(schema, name));
        if (type.HasFlag(JsonSchemaType.Number))
            return JsonValue.Create((double)Whole(schema, name));
        return JsonValue.Create(TextOf(schema, name, owner));
    }

    private JsonArray ArrayOf(IOpenApiSchema schema, string name, string owner, int depth)
    {
        var items = new JsonArray();
        if (depth <= DepthAtMost && schema.Items is { } item)
            // One is enough to see, where one is enough.
            for (var left = Math.Max(schema.MinItems ?? 1, schema.MaxItems == 0 ? 0 : 1); left > 0; left--)
                items.Add(Of(item, name, owner, depth + 1));
        return items;
    }

    private JsonObject ObjectOf(IOpenApiSchema schema, string name, string owner, int depth)
    {
        var members = new JsonObject();
        foreach (var (member, inner) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal))
            if (depth <= DepthAtMost || schema.Required?.Contains(member) == true)
                members[member] = Of(inner, member, owner, depth + 1);
        if (schema.AdditionalProperties is { } value && members.Count == 0)
            members["sabor"] = Of(value, name, owner, depth + 1);
        return members;
    }

    private static long Whole(IOpenApiSchema schema, string name)
    {
        var lower = name.ToLowerInvariant();
        var value = Numbers.FirstOrDefault(word => lower.EndsWith(word.Ending, StringComparison.Ordinal)) is { Ending: not null } known ? known.Value : 3;
        if (decimal.TryParse(schema.Minimum, CultureInfo.InvariantCulture, out var least) && value < least)
            value = (long)Math.Ceiling(least);
        if (decimal.TryParse(schema.Maximum, CultureInfo.InvariantCulture, out var most) && value > most)
            value = (long)Math.Floor(most);
        return value;
    }

    private static string TextOf(IOpenApiSchema schema, string name, string owner) => schema.Format switch
    {
        "uuid" => Id,
        "date-time" => name.StartsWith("expires", StringComparison.Ordinal) || name.StartsWith("ends", StringComparison.Ordinal) ? "2026-12-31T23:59:59.000000Z" : "2026-03-04T15:00:00.000000Z",
        "date" => name.EndsWith("Birth", StringComparison.Ordinal) ? "1990-05-17" : "2026-03-04",
        "email" => "ana.souza@example.com",
        "uri" => "https://loja.example.com/pedidos",
        "binary" => "the bytes",
        _ when schema is OpenApiSchema { ContentEncoding: "base64" } => "Y294aW5oYQ==",
        _ => Fitting(schema, Suggested(name, owner)),
    };

    private static string Suggested(string name, string owner)
    {
        var lower = name.ToLowerInvariant();
        if (lower == "name")
            return NameOf(owner);
        if (lower == "code" && owner == "Problem")
            return "conflict";
        if (lower == "message" && owner.Contains("Wallet", StringComparison.Ordinal))
            return WalletMessage;
        if (lower == "title" && owner == "Problem")
            return Problem.Title(409);
        if (lower == "provider" && owner.Contains("SignIn", StringComparison.Ordinal))
            return "google";
        // `id` ends many words; only a capital or nothing before it makes it one of ours.
        if (lower == "id" || name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("OrSlug", StringComparison.Ordinal))
            return Id;
        return Words.FirstOrDefault(word => lower.EndsWith(word.Ending, StringComparison.Ordinal)).Value ?? "Vai Coxinha";
    }

    private static string NameOf(string owner)
    {
        string[] people = ["Register", "User", "Me", "Profile", "Contact", "Customer", "Session", "Account", "Person"];
        if (people.Any(person => owner.Contains(person, StringComparison.Ordinal)))
            return "Ana Souza";
        if (owner.Contains("Category", StringComparison.Ordinal))
            return "Salgados";
        if (owner.Contains("Provider", StringComparison.Ordinal))
            return "Google";
        if (owner is "Passkey" or "AddPasskeyRequest")
            return "Celular da Ana";
        return owner.Contains("Store", StringComparison.Ordinal) ? "Vai Coxinha" : "Coxinha de frango";
    }

    private static string Fitting(IOpenApiSchema schema, string suggested)
    {
        var candidates = Candidates.Prepend(suggested).Select(text => Sized(schema, text));
        return schema.Pattern is null
            ? candidates.First()
            : candidates.FirstOrDefault(text => Regex.IsMatch(text, schema.Pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))) ?? suggested;
    }

    private static string Sized(IOpenApiSchema schema, string text)
    {
        if (schema.MaxLength is { } most && text.Length > most)
            text = text[..most].TrimEnd();
        return schema.MinLength is { } least && text.Length < least ? text.PadRight(least, 'a') : text;
    }
}
