using System.ComponentModel.DataAnnotations;

namespace Quitanda.Ordering.Orders;

/// <summary>What may be said of a step that staff take with an order.</summary>
/// <param name="Reason">Why, or what the customer should know; it stands in the order's timeline.</param>
internal sealed record StepRequest([StringLength(500)] string? Reason = null);
