namespace Quitanda.Platform;

/// <summary>An amount that may be taken off: a line of a price, or a movement of the books.</summary>
/// <param name="Amount">Minor units; less than nothing where it is taken off.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record SignedMoney(long Amount, [Impersonal] string Currency);
