using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Quitanda.Platform.OpenApi;

/// <summary>Problems as the document shows them.</summary>
internal static class ProblemSchema
{
    /// <summary>A problem of this status and code.</summary>
    public static JsonObject Example(int status, string code)
    {
        var problem = new JsonObject
        {
            ["type"] = $"urn:quitanda:problem:{code}",
            ["title"] = Problem.Title(status),
            ["status"] = status,
            ["detail"] = code == "validation_failed" ? "See errors for the fields that are wrong." : Problem.Title(status),
            ["instance"] = "/api/v1/orders",
            ["code"] = code,
            ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
        };
        if (code == "validation_failed")
            problem["errors"] = new JsonObject { ["items[0].quantity"] = new JsonArray("must be between 1 and 999.") };
        return problem;
    }

    /// <summary>What every problem is like.</summary>
    public static OpenApiSchema Make()
    {
        return new()
        {
            Type = JsonSchemaType.Object,
            Description = "An error in the form of RFC 9457. Some codes bring facts of their own, such as the products that ran out.",
            Required = new SortedSet<string>(StringComparer.Ordinal) { "type", "title", "status", "detail", "instance", "code", "traceId" },
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["type"] = Text("`urn:quitanda:problem:` and the code."),
                ["title"] = Text("The status in a sentence."),
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "400", Maximum = "599", Description = "The HTTP status." },
                ["detail"] = Text("What went wrong this time, for a person."),
                ["instance"] = Text("The path that was asked for."),
                ["code"] = Text("What went wrong, for a program: stable, lower_snake_case."),
                ["traceId"] = Text("Names this request to whoever reads the logs."),
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "What is wrong with each field, by its path: `items[0].quantity`.",
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                },
            },
        };

        static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
    }
}
